import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { KubernetesError } from "../kubernetesError";
import type { ExternalSecretState, Ready, SecretOwnership } from "../ports/kubernetesChecks";
import type { KubernetesRun } from "./asked";
import type { Outcome } from "./outcome";

type Operator = Pick<KubernetesRun, "ports" | "asked"> & {
  readonly config: Pick<StackConfig, "named" | "secretStore">;
};

/** Whether External Secrets will bring a new version into a namespace, as far as its objects tell. */
export async function operated(
  namespace: string,
  secret: SecretDeclaration,
  { ports, asked, config }: Operator,
  hasValue: boolean,
): Promise<{ readonly isThere: boolean; readonly outcomes: readonly Outcome[] }> {
  const { kubernetes, clock } = ports;
  const name = secret.externalSecret?.target ?? "";
  const title = `ExternalSecret ${namespace}/${name}`;
  const up = `run pulumi up --refresh --stack ${config.named}: it makes it again`;
  const once = <T>(what: string, ask: () => Promise<T>) => asked.once(`${what} in ${namespace}`, () => known(ask));
  const [state, store, target, ending] = await Promise.all([
    known(() => kubernetes.externalSecret(namespace, name)),
    once("the SecretStore", () => kubernetes.secretStore(namespace, config.secretStore)),
    known(() => kubernetes.secretOwnership(namespace, name)),
    once("the end", () => kubernetes.namespaceIsEnding(namespace)),
  ]);
  const outcomes: Outcome[] = [];
  if (ending.is === true) {
    const hint = "take this namespace out of the secret, or wait until it is gone and deploy it again";
    outcomes.push({ refuse: `namespace ${namespace} is being deleted`, code: "KUBERNETES_FAILED", hint });
  }
  if (state.is?.isEnding || (state.isKnown && state.is === undefined)) {
    const what = state.is ? "is being deleted" : "was deleted";
    const refuse = `${title} ${what} outside of the stack, which still has it`;
    return { isThere: false, outcomes: [...outcomes, { refuse, code: "NOT_PROVISIONED", hint: up }] };
  }
  outcomes.push(
    ...storeOutcomes(config.secretStore, namespace, store, up),
    ...targetOutcomes(`${namespace}/${name}`, name, target.is),
  );
  if (state.is) outcomes.push(...stateOutcomes(title, state.is, { secret, now: clock.now(), hasValue }));
  return { isThere: state.is !== undefined, outcomes };
}

interface Known<T> {
  readonly isKnown: boolean;
  readonly is: T | undefined;
}

/** What may not be read is not known. @throws {KubernetesError} when the API server is not reached */
async function known<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return { isKnown: true, is: await ask() };
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === 403)) throw error;
    return { isKnown: false, is: undefined };
  }
}

/** External Secrets reads nothing through a store that is not Ready. One that it has not seen yet may be new. */
function storeOutcomes(
  { kind, name, own }: StackConfig["secretStore"],
  namespace: string,
  { isKnown, is }: Known<{ ready: Ready } | undefined>,
  up: string,
): Outcome[] {
  const title = kind === "SecretStore" ? `SecretStore ${namespace}/${name}` : `ClusterSecretStore ${name}`;
  if (!isKnown) return [{ unknown: `whether ${title} is ready: it cannot be read` }];
  if (is === undefined) {
    const hint = own ? up : "make it, or correct secret-rotation:secretStore";
    return [{ refuse: `there is no ${title}`, code: "NOT_PROVISIONED", hint }];
  }
  if (is.ready === undefined) {
    return [{ warn: `External Secrets has not looked at ${title} yet: see whether it runs` }];
  }
  if (is.ready.status === "True") return [{ fact: `${title} is ready` }];
  const said = `${is.ready.reason}: ${is.ready.message}`;
  const at = kind === "SecretStore" ? `secretstore -n ${namespace}` : "clustersecretstore";
  const who = own ? " (secret-rotation:serviceAccount says whom External Secrets is in AWS)" : "";
  const hint = `see kubectl describe ${at} ${name}, mend it${who}, then run the same command again`;
  return [{ refuse: `${title} is not ready (${said})`, code: "NOT_SYNCED", hint, retryable: true }];
}

function targetOutcomes(title: string, name: string, target: SecretOwnership | undefined): Outcome[] {
  const refuse = (what: string, hint: string) => [
    { refuse: `the Kubernetes Secret ${title} ${what}`, code: "NOT_SYNCED", hint } as const,
  ];
  if (target?.immutable) {
    return refuse(
      "is immutable: External Secrets cannot bring a new version",
      "delete it: External Secrets makes it again, and its pods keep what they have",
    );
  }
  if (target?.isEnding) return refuse("is being deleted", "see which finalizer holds it");
  const { controller } = target ?? {};
  if (controller === undefined || controller === `ExternalSecret ${name}`) return [];
  return refuse(`belongs to ${controller}: External Secrets does not write it`, "name another externalSecret.target");
}

/**
 * The last word of External Secrets may be older than its cause's cure: it tries again later and later. So an error is
 * told, and not refused; without a value there has to be one.
 */
function stateOutcomes(
  title: string,
  { ready, refreshedAt }: ExternalSecretState,
  { secret, now, hasValue }: { secret: SecretDeclaration; now: Date; hasValue: boolean },
): Outcome[] {
  if (ready !== undefined && ready.status !== "True") {
    if (!hasValue) return [];
    const said = `${ready.reason}: ${ready.message}`;
    return [
      {
        warn: `External Secrets last failed at ${title} (${said}): see kubectl describe, or the new version may not arrive`,
      },
    ];
  }
  const intervalSeconds = secret.externalSecret?.refreshInterval ?? 0;
  const age = refreshedAt && (now.getTime() - refreshedAt.getTime()) / 1000;
  if (age !== undefined && age > 2 * intervalSeconds + graceSeconds) {
    const since = refreshedAt?.toISOString();
    return [
      {
        warn: `External Secrets has not read ${title} since ${since}, though it should every ${intervalSeconds} s: see whether it runs`,
      },
    ];
  }
  return ready === undefined ? [] : [{ fact: `External Secrets has read ${title}` }];
}

/** Of an operator that has much to do. */
const graceSeconds = 60;
