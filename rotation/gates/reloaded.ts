import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { versionAnnotation, workloadName, workloadTitle } from "../../infra/names";
import type { RotationError } from "../errors";
import { KubernetesError } from "../kubernetesError";
import type { Kubernetes, KubernetesSecret } from "../ports/kubernetes";
import type { ReloaderView } from "../ports/reloaderView";
import { lastReload } from "../reloader/marks";
import { isRestarted } from "../reloader/restarted";
import { failure, type StrategyContext } from "../rotators/protocol";
import { waitFor } from "../waitFor";
import { notRolledOut } from "./rolledOut";
import { isReloaded } from "./stillDriven";

/**
 * Gate "rollout" of a workload that Reloader restarts: every replica is of the newest template, available, and began with the
 * content that the Kubernetes Secret has, which is this version. It is the same gate for a restart that was done before it looked.
 *
 * Reloader acts within moments. Where it does not within the secret's syncTimeout, waiting on would not help: it has missed the
 * change, and looks at no old ones when it is started again.
 *
 * @param throwIfAsked  ends the wait by throwing, where the run is to end
 * @throws {ROLLOUT_FAILED} when Reloader does not begin, or the time is over
 */
export async function reloaded(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  throwIfAsked: () => void,
): Promise<void> {
  const { secret, ports } = context;
  const timeoutSeconds = secret.rolloutTimeout;
  const beginSeconds = Math.min(secret.syncTimeout, timeoutSeconds);
  const since = ports.clock.now().getTime();
  let waitsFor = "";
  const look = async () => {
    throwIfAsked();
    const state = await stateOf(context, versionId, consumer);
    if (state === "restarted") return state;
    const waitedSeconds = (ports.clock.now().getTime() - since) / 1000;
    if (state === "not restarted") {
      waitsFor = "Reloader has not restarted it";
      return waitedSeconds < beginSeconds ? undefined : state;
    }
    waitsFor = state.waitsFor;
    return undefined;
  };
  const end = await waitFor(look, { timeoutSeconds });
  if (end === "restarted") return;
  if (end === "not restarted") throw await notReloaded(context, versionId, consumer, beginSeconds);
  throw await notRolledOut(context, consumer, waitsFor);
}

type State = "restarted" | "not restarted" | { readonly waitsFor: string };

async function stateOf(
  { secret, ports: { kubernetes } }: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
): Promise<State> {
  const { namespace } = consumer;
  const name = secret.externalSecret?.target ?? "";
  const [held, workload] = await Promise.all([kubernetes.secret(namespace, name), kubernetes.workload(consumer)]);
  if (held?.annotations[versionAnnotation] !== versionId) {
    return { waitsFor: `the Kubernetes Secret ${namespace}/${name} holds another version` };
  }
  if (!workload) return { waitsFor: "there is no such workload" };
  const { waitsFor, reloader } = workload;
  if (waitsFor !== undefined) return { waitsFor };
  const [pods, last] = await Promise.all([
    kubernetes.podsMade(consumer),
    lastReloaded(kubernetes, namespace, name, reloader),
  ]);
  return isRestarted({ reloader, name, secret: held, pods, last }) ? "restarted" : "not restarted";
}

/** The other Kubernetes Secret that Reloader names as its last reason; undefined: it names none, or that may not be read. */
async function lastReloaded(
  kubernetes: Kubernetes,
  namespace: string,
  name: string,
  view: ReloaderView,
): Promise<KubernetesSecret | undefined> {
  const last = lastReload(view);
  if (last === undefined || last.name === name) return undefined;
  return kubernetes.secret(namespace, last.name).catch((error: unknown) => {
    if (error instanceof KubernetesError && error.status === 403) return undefined;
    throw error;
  });
}

async function notReloaded(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  seconds: number,
): Promise<RotationError> {
  const { kind, namespace, name } = consumer;
  const title = workloadTitle(consumer);
  const target = `${namespace}/${context.secret.externalSecret?.target}`;
  const because = context.reloaded.get(workloadName(consumer)) ?? "";
  if (because !== "declared" && !(await isReloaded(context, versionId, consumer))) {
    const message = `${title} asked Reloader to restart it (${because}), and does so no more`;
    const hint = "run the same command again: the driver restarts it then";
    return failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: true, hint });
  }
  const message = `Reloader has not restarted ${title} within ${seconds} s after the Kubernetes Secret ${target} has got the new version (${because})`;
  const restart = `kubectl rollout restart ${kind.toLowerCase()}/${name} -n ${namespace}`;
  const hint = `see whether Reloader runs and watches the namespace ${namespace}. It does not catch up on a change that it has missed: ${restart}, then run the same command again. Where Reloader is not meant to restart it, say restart: driver on this consumer`;
  return failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: true, hint });
}
