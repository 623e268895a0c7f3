import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { BackupError, describeError } from "../errors";
import type { Findings } from "../findings";
import { KubernetesError } from "../ports/kubernetesError";
import { versionWith } from "../ports/secretsManager";
import type { RotateRequest } from "../run/request";
import type { KubernetesRun } from "./asked";
import { type Found, find } from "./found";
import { kmsCheck } from "./kmsCheck";
import { kubernetesCheck } from "./kubernetesCheck";
import { note, type Outcome, type Refusal, refusalOf } from "./outcome";
import { permissions } from "./permissions";
import { planRestore } from "./planRestore";
import { planRollback } from "./planRollback";
import { type PlannedSecret, planRotation } from "./planRotation";
import { judgeTakers, takersOf } from "./takers";

type Request = Pick<RotateRequest, "open" | "ports" | "emergency" | "rollback" | "restore" | "leaveBehind">;

/**
 * Plans one secret, and checks what surrounds it side by side with its target: a refusal by the surroundings is the cause
 * of others, and is told first.
 *
 * @returns undefined: there is nothing to do
 * @throws {RotationError} what is known to fail
 * @throws {BackupError} when the backup's value cannot be had
 */
export async function planOne(
  secret: SecretDeclaration,
  { open, ports, emergency = false, rollback, restore, leaveBehind = [] }: Request,
  run: KubernetesRun,
  findings: Findings,
): Promise<PlannedSecret | undefined> {
  const ask = () => permissions(secret, ports, run.asked);
  const found = await find(secret, open.config, run.recorded.get(secret.name), ports, { emergency, findings }).catch(
    async (error: unknown) => {
      throw (await forbidden(secret, error, ask)) ?? error;
    },
  );
  const planning = restore
    ? planRestore(found, restore)
    : rollback
      ? planRollback(found, rollback.to)
      : planRotation(found);
  const [planned, surroundings] = await Promise.allSettled([planning, surroundingsOf(found, run, ask(), leaveBehind)]);
  if (planned.status === "rejected" && planned.reason instanceof BackupError) throw planned.reason;
  if (surroundings.status === "rejected") throw surroundings.reason;
  const plan = planned.status === "fulfilled" ? planned.value : undefined;
  const refusals = note(surroundings.value, findings).filter((refusal) =>
    holds(refusal, planned.status === "rejected", plan),
  );
  const [first, ...more] = refusals;
  if (first === undefined) {
    if (planned.status === "rejected") throw planned.reason;
    return plan;
  }
  if (planned.status === "rejected") findings.warn(`besides: ${describeError(planned.reason)}`);
  throw refusalOf(secret.name, [first, ...more]);
}

/** The permissions that are missing, where that is why a secret could not be looked at. */
async function forbidden(secret: SecretDeclaration, error: unknown, ask: () => Promise<Outcome[]>) {
  if (!(error instanceof KubernetesError) || (error.status !== 401 && error.status !== 403)) return undefined;
  const [first, ...more] = (await ask()).filter((outcome) => "refuse" in outcome);
  return first && refusalOf(secret.name, [first, ...more]);
}

async function surroundingsOf(
  { context, strategy, live, recorded }: Found,
  run: KubernetesRun,
  asking: Promise<Outcome[]>,
  leaveBehind: readonly string[],
) {
  const { secret, ports } = context;
  const hasValue = versionWith("AWSCURRENT", live) !== undefined;
  const [allowed, takers, kubernetes, keys] = await Promise.all([
    asking,
    takersOf(secret, ports, run.asked),
    kubernetesCheck(secret, run, { hasValue }),
    kmsCheck(secret, live, ports, run.asked),
  ]);
  // What may not be done is not told once more of each object.
  const isForbidden = allowed.some((outcome) => "refuse" in outcome);
  const told = isForbidden ? kubernetes.filter((outcome) => !("forbidden" in outcome)) : kubernetes;
  const dies = context.emergency || strategy.overlap === "one-live";
  const consumers = judgeTakers(secret, takers, { dies, leaveBehind, unlessVersion: recorded.version?.id });
  return [...allowed, ...consumers, ...told, ...keys];
}

/** Nothing that is done already is refused, nor anything where there is nothing to do. */
function holds({ unlessVersion }: Refusal, isPlanRefused: boolean, plan: PlannedSecret | undefined): boolean {
  if (isPlanRefused) return true;
  if (plan === undefined) return false;
  return plan.mode !== "resume" || unlessVersion === undefined || plan.newVersionId !== unlessVersion;
}
