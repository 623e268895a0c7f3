import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { workloadName, workloadTitle } from "../../infra/names";
import { patched } from "../../infra/urns";
import type { KubernetesSecret } from "../ports/kubernetes";
import type { Workload } from "../ports/workload";
import { pauseSeconds } from "../reloader/pausePeriod";
import { knowsReloader, reloads } from "../reloader/recognise";
import { isMadeWith } from "../reloader/restarted";
import type { StrategyContext } from "../rotators/protocol";
import type { KubernetesRun } from "./asked";
import type { Outcome } from "./outcome";

/** Who restarts the consumers of a secret. */
export interface Restarts {
  /** By the name of each consumer that Reloader restarts: how that is known. The driver restarts the others. */
  readonly reloaded: ReadonlyMap<string, string>;
  readonly outcomes: readonly Outcome[];
  /** What is left to Reloader where a rotation goes on with a version. */
  whenResumed(versionId: string): ReadonlyMap<string, string>;
}

/**
 * Finds out who restarts each consumer: the declaration says it, or the workload's annotations. Reloader restarts for a change of a
 * Kubernetes Secret, and by default not for a Secret that is made: then the driver does.
 */
export async function restartsOf(
  context: StrategyContext,
  workloads: ReadonlyMap<string, Workload>,
  { asked, ports }: Pick<KubernetesRun, "asked" | "ports">,
): Promise<Restarts> {
  const { secret } = context;
  const target = secret.externalSecret?.target ?? "";
  const found = await Promise.all(
    patched(secret).map(async (consumer) => {
      const workload = workloads.get(workloadName(consumer));
      if (!workload || (consumer.restart !== "reloader" && !knowsReloader(workload.reloader))) return undefined;
      const { namespace } = consumer;
      const question = `the Kubernetes Secret ${namespace}/${target}`;
      const held = await asked.once(question, () => ports.kubernetes.secret(namespace, target));
      return { consumer, held, ...whoRestarts(consumer, workload, target, held, secret.rolloutTimeout) };
    }),
  );
  const told = found.filter((one) => one !== undefined);
  const reloaded = told.flatMap((one) => (one.because === undefined ? [] : [{ ...one, because: one.because }]));
  const named = (some: typeof reloaded) =>
    new Map(some.map(({ consumer, because }) => [workloadName(consumer), because]));
  return {
    reloaded: named(reloaded),
    outcomes: told.map(({ outcome }) => outcome).filter((outcome) => outcome !== undefined),
    whenResumed: (versionId) => named(reloaded.filter(({ held }) => !isMadeWith(versionId, held))),
  };
}

function whoRestarts(
  consumer: ConsumerDeclaration,
  { reloader }: Workload,
  target: string,
  held: KubernetesSecret | undefined,
  rolloutTimeout: number,
): { readonly because?: string; readonly outcome?: Outcome } {
  const title = workloadTitle(consumer);
  const seen = reloads(reloader, { name: target, annotations: held?.annotations ?? {} });
  const asks = seen && "because" in seen ? seen.because : undefined;
  if (consumer.restart === "driver") {
    if (asks === undefined) return {};
    const warn = `${title} is declared with restart: driver, and asks Reloader too (${asks}): where Reloader runs it restarts twice. Take that annotation away`;
    return { outcome: { warn } };
  }
  if (consumer.restart === undefined && seen && "unsure" in seen) {
    const refuse = `${title}: whether Reloader restarts it cannot be told: ${seen.unsure}`;
    const hint = "say restart: reloader or restart: driver on this consumer";
    return { outcome: { refuse, code: "CONSUMER_HELD_BACK", hint } };
  }
  const because = consumer.restart === undefined ? asks : "declared";
  if (because === undefined) return {};
  if (held === undefined) {
    const fact = `${title} is restarted by the driver this time, as the Kubernetes Secret ${target} is not there yet; then by Reloader (${because})`;
    return { outcome: { fact } };
  }
  const pause = pauseSeconds(reloader);
  if (consumer.kind === "Deployment" && pause !== undefined && pause >= rolloutTimeout) {
    const refuse = `Reloader pauses ${title} for ${pause} s (pause-period), and the rotation waits ${rolloutTimeout} s (rolloutTimeout)`;
    const hint = "make the secret's rolloutTimeout longer than that, by what the rollout takes";
    return { because, outcome: { refuse, code: "CONSUMER_HELD_BACK", hint } };
  }
  return { because, outcome: { fact: `${title} is restarted by Reloader (${because}), not by the driver` } };
}
