import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { externalSecretOf, type FixedUse, fixedUsesOf, isReloaded, namespaceOf } from "./pack/kubernetes";
import { textAt, textsAt } from "./pack/plain";
import { stackContext } from "./pack/stackContext";
import { isExternalSecretsType, workloadKindOf } from "./pack/types";
import { waivers } from "./rules/configSchema";

/**
 * A workload gets the new value of a managed secret. What it takes as environment or mounts by subPath stays as it was
 * when the pod started, so something has to restart it: a rotation (the workload is a declared consumer) or Reloader.
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
    const managed = new Set(
      resources
        .filter(({ type }) => isExternalSecretsType(type, "ExternalSecret"))
        .map((r) => externalSecretOf(r).target),
    );
    const patched = resources.filter(isRestart).flatMap((r) => workloadOf(r, "Patch") ?? []);
    const consumers = new Set([...stackContext.consumers, ...patched]);
    return resources.flatMap((resource) => {
      const workload = workloadOf(resource);
      if (workload === undefined || consumers.has(workload)) return [];
      const stuck = fixedUsesOf(resource.props).filter(
        ({ secret }) => managed.has(`${namespaceOf(resource.props)}/${secret}`) && !isReloaded(resource.props, secret),
      );
      const violations = stuck.map((use) => ({ message: messageOf(workload, use) }));
      return [{ names: [workload, resource.name], violations, urn: resource.urn }];
    });
  },
});

/** A rotation restarts a workload by an annotation `<environment>.secret-rotation/<secret>` on its pod template. */
function isRestart({ props }: Resource): boolean {
  return Object.keys(textsAt(props, "spec", "template", "metadata", "annotations")).some((key) =>
    key.includes(".secret-rotation/"),
  );
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
