import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import { workloadName } from "../../infra/names";
import { KubernetesError } from "../kubernetesError";
import type { Ports } from "../ports";
import type { Permission } from "../ports/kubernetesChecks";
import type { Asked } from "./asked";
import type { Outcome } from "./outcome";

/** A permission of infra/permissions/kubernetes.yaml. */
interface Needed extends Permission {
  /** Without it a rotation fails; else it says less about a rollout that is stuck. */
  readonly essential: boolean;
}

/**
 * What a rotation of this secret does in Kubernetes, the driver's gates and Pulumi's provider together.
 *
 * @param reloaded  by name: the consumers that Reloader restarts
 */
export function neededPermissions(
  secret: Pick<SecretDeclaration, "consumers" | "externalSecret">,
  reloaded: ReadonlyMap<string, string> = new Map(),
): Needed[] {
  const target = { name: secret.externalSecret?.target ?? "" };
  const inEach = namespacesOf(secret as SecretDeclaration).flatMap((namespace) => [
    ...verbs(namespace, "", "secrets", ["get"], target),
    ...verbs(namespace, "external-secrets.io", "externalsecrets", ["get", "patch"], target),
  ]);
  return [...inEach, ...secret.consumers.flatMap((one) => ofConsumer(one, reloaded.has(workloadName(one))))];
}

/** Where the stack patches it not, its pods say whether they have the new value. */
function ofConsumer({ namespace, api, name, isPatched }: ConsumerDeclaration, isReloaded: boolean): Needed[] {
  const isDriven = isPatched && !isReloaded;
  return [
    ...verbs(namespace, api.group, api.plural, isDriven ? ["get", "patch"] : ["get"], { name }),
    ...(isPatched ? [] : verbs(namespace, "batch", "jobs", ["list"], {})),
    ...verbs(namespace, "", "pods", ["list"], { essential: !isDriven }),
  ];
}

function verbs(
  namespace: string,
  group: string,
  resource: string,
  all: readonly string[],
  more: { name?: string; essential?: boolean },
): Needed[] {
  return all.map((verb) => ({ namespace, group, resource, verb, essential: true, ...more }));
}

/** Asks the API server whether the kubeconfig's user may do all of it. What it does not say is not claimed. */
export async function permissions(
  secret: SecretDeclaration,
  ports: Pick<Ports, "kubernetes">,
  asked: Asked,
  reloaded?: ReadonlyMap<string, string>,
): Promise<Outcome[]> {
  const needed = neededPermissions(secret, reloaded);
  const answers = await Promise.all(
    needed.map(async (one) => ({ ...one, isAllowed: await asked.once(keyOf(one), () => mayDo(one, ports)) })),
  );
  const denied = answers.filter(({ isAllowed, essential }) => isAllowed === false && essential);
  const missed = answers.filter(({ isAllowed, essential }) => isAllowed === false && !essential);
  const unknown = answers.filter(({ isAllowed }) => isAllowed === undefined);
  const allowed = answers.filter(({ isAllowed }) => isAllowed === true);
  return [
    ...(denied.length > 0
      ? [{ refuse: `the kubeconfig's user may not ${textOf(denied)}`, code: "KUBERNETES_FAILED", hint } as const]
      : []),
    ...(missed.length > 0 ? [{ warn: `the kubeconfig's user may not ${textOf(missed)}: ${less}` }] : []),
    ...(unknown.length > 0 ? [{ unknown: `whether the kubeconfig's user may ${textOf(unknown)}` }] : []),
    ...(allowed.length > 0 ? [{ fact: `the kubeconfig's user may ${textOf(allowed)}` }] : []),
  ];
}

const hint = "let it do what infra/permissions/kubernetes.yaml lists, in each of these namespaces";
const less = "a rollout that is stuck says less then; infra/permissions/kubernetes.yaml lists it";

function keyOf({ namespace, group, resource, verb, name = "" }: Permission): string {
  return `may ${verb} ${group}/${resource}/${name} in ${namespace}`;
}

/** Undefined: the API server does not say. */
async function mayDo({ essential: _, ...permission }: Needed, { kubernetes }: Pick<Ports, "kubernetes">) {
  try {
    const { allowed, evaluationError } = await kubernetes.mayDo(permission);
    return !allowed && evaluationError ? undefined : allowed;
  } catch (error) {
    if (error instanceof KubernetesError) return undefined;
    throw error;
  }
}

/** `get, patch externalsecrets.external-secrets.io in shop`, and so on. */
function textOf(all: readonly Permission[]): string {
  const byResource = new Map<string, Set<string>>();
  for (const { namespace, group, resource, verb } of all) {
    const where = `${group === "" ? resource : `${resource}.${group}`} in ${namespace}`;
    byResource.set(where, (byResource.get(where) ?? new Set()).add(verb));
  }
  return [...byResource].map(([where, some]) => `${[...some].join(", ")} ${where}`).join("; ");
}
