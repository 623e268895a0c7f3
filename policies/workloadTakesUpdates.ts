import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { externalSecretOf, type FixedUse, fixedUsesOf, isReloaded, namespaceOf } from "./pack/kubernetes";
import { textAt, textsAt } from "./pack/plain";
import { stackContext } from "./pack/stackContext";
import { isExternalSecretsType, workloadKindOf } from "./pack/types";
import { waivers } from "./rules/configSchema";
import { annotationDomain } from "./rules/names";

/**
 * A workload gets the new value of a managed secret. What it takes as environment or mounts by subPath stays as it was
 * when the pod started, so something has to restart it for this very secret: a rotation (the workload is a declared consumer of it) or Reloader.
 * Source: the workloads and ExternalSecrets of the stack; consumers are declared by the stack's configuration
 * (`secrets[].consumers`), or seen as the patch that restarts them.
 */
export const workloadTakesUpdates = definePolicy<object>({
  name: "workload-takes-updates",
  description: "A workload that takes a managed secret gets its new value.",
  enforcementLevel: levelByEnvironment,
  configSchema: waivers("resource"),
  appliesTo: (type) =>
    isExternalSecretsType(type, "ExternalSecret") ||
    workloadKindOf(type) !== undefined ||
    workloadKindOf(type, "Patch") !== undefined,
  validateStack: (resources) => {
    const managed = resources.filter(({ type }) => isExternalSecretsType(type, "ExternalSecret")).map(managedOf);
    const targets = new Set(managed.map(({ target }) => target));
    const restarts = new Set([
      ...stackContext.consumers.map(({ workload, secret }) => `${workload} ${secret}`),
      ...resources.flatMap((resource) => restartsOf(resource, managed)),
    ]);
    return resources.flatMap((resource) => {
      const workload = workloadOf(resource);
      if (workload === undefined) return [];
      const stuck = fixedUsesOf(resource.props).filter(({ secret }) => {
        const target = `${namespaceOf(resource.props)}/${secret}`;
        const isRestarted = restarts.has(`${workload} ${target}`) || isReloaded(resource.props, secret);
        return targets.has(target) && !isRestarted;
      });
      const violations = stuck.map((use) => ({ message: messageOf(workload, use) }));
      return [{ names: [workload, resource.name], violations, urn: resource.urn }];
    });
  },
});

interface Managed {
  /** The Kubernetes Secret, `namespace/name`. */
  readonly target: string;
  /** What the annotation ends with by which a rotation of the secret restarts its consumers: its environment goes before. */
  readonly annotation: string;
}

/** The program calls an ExternalSecret by its namespace and the secret's name, and an annotation has dots for slashes. */
function managedOf(resource: Resource): Managed {
  const { namespace, target } = externalSecretOf(resource);
  const { name } = resource;
  const secret = name.startsWith(`${namespace}/`) ? name.slice(namespace.length + 1) : name;
  return { target, annotation: `.${annotationDomain}/${secret.replaceAll("/", ".")}` };
}

/** A rotation restarts a workload by an annotation `<environment>.secret-rotation/<secret>` on its pod template, which a patch shows. */
function restartsOf(resource: Resource, managed: readonly Managed[]): string[] {
  const workload = workloadOf(resource, "Patch");
  if (workload === undefined) return [];
  const annotations = textsAt(resource.props, "spec", "template", "metadata", "annotations");
  const namespace = `${namespaceOf(resource.props)}/`;
  return managed
    .filter(({ target }) => target.startsWith(namespace))
    .filter(({ annotation }) => Object.keys(annotations).some((key) => key.endsWith(annotation)))
    .map(({ target }) => `${workload} ${target}`);
}

/** `Deployment/shop/web`; undefined for what is no workload. */
function workloadOf({ type, name, props }: Resource, suffix: "" | "Patch" = ""): string | undefined {
  const kind = workloadKindOf(type, suffix);
  return kind && `${kind}/${namespaceOf(props)}/${textAt(props, "metadata", "name") ?? name}`;
}

function messageOf(workload: string, { secret, how }: FixedUse): string {
  const file = how === "by subPath" ? ", or mount the volume without subPath" : "";
  return (
    `${workload} takes ${secret} ${how}, and nothing restarts it when the secret is rotated: declare it as a consumer ` +
    `of the secret, or annotate it with secret.reloader.stakater.com/reload: ${secret}${file}`
  );
}
