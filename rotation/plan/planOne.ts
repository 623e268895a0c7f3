import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { BackupError, describeError } from "../errors";
import type { Findings } from "../findings";
import { KubernetesError } from "../kubernetesError";
import { versionWith } from "../ports/secretsManager";
import type { KubernetesRun } from "./asked";
import { awsConsumersCheck } from "./awsConsumers";
import { byAwsToo } from "./byAwsToo";
import { type Found, find } from "./found";
import { kmsCheck } from "./kmsCheck";
import { kubernetesCheck } from "./kubernetesCheck";
import { note, type Outcome, type Refusal, refusalOf } from "./outcome";
import { permissions } from "./permissions";
import { isFollowed, planFollow } from "./planFollow";
import type { PlannedSecret } from "./plannedSecret";
import type { PlanRequest } from "./planRequest";
import { planRestore } from "./planRestore";
import { planRollback } from "./planRollback";
import { planRotation } from "./planRotation";
import { type Restarts, restartsOf } from "./restarts";
import { judgeTakers, takersOf } from "./takers";

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
  { open, ports, emergency = false, rollback, restore, takesOver, leaveBehind = [] }: PlanRequest,
  run: KubernetesRun,
  findings: Findings,
): Promise<PlannedSecret | undefined> {
  const look = async () => {
    const found = await find(secret, open.config, run.recorded.get(secret.name), ports, { emergency, findings });
    return { found, restarts: await restartsOf(found.context, found.workloads, run) };
  };
  const { found, restarts } = await look().catch(async (error: unknown) => {
    throw (await forbidden(secret, error, () => permissions(secret, ports, run.asked))) ?? error;
  });
  const planning = isFollowed(found)
    ? planFollow(found, { isAskedForMore: emergency || restore !== undefined || rollback !== undefined })
    : restore
      ? planRestore(found, restore)
      : rollback
        ? planRollback(found, rollback.to)
        : planRotation(found, run);
  const [planned, surroundings] = await Promise.allSettled([
    planning,
    surroundingsOf(found, run, restarts, leaveBehind),
  ]);
  if (planned.status === "rejected" && planned.reason instanceof BackupError) throw planned.reason;
  if (surroundings.status === "rejected") throw surroundings.reason;
  const plan = planned.status === "fulfilled" ? planned.value : undefined;
  const twice = isFollowed(found) || takesOver ? [] : byAwsToo(found.context, found.live);
  const refusals = note([...twice, ...surroundings.value], findings).filter((refusal) =>
    holds(refusal, planned.status === "rejected", plan),
  );
  const [first, ...more] = refusals;
  if (first === undefined) {
    if (planned.status === "rejected") throw planned.reason;
    return plan && withRestarts(plan, restarts);
  }
  if (planned.status === "rejected") findings.warn(`besides: ${describeError(planned.reason)}`);
  throw refusalOf(secret.name, [first, ...more]);
}

function withRestarts(plan: PlannedSecret, { reloaded, whenResumed }: Restarts): PlannedSecret {
  const left = plan.newVersionId === undefined ? reloaded : whenResumed(plan.newVersionId);
  // Nobody has to restart those that run with it.
  const upToDate = [...(plan.context.upToDate ?? [])].map((name) => [name, "it runs with this version"] as const);
  return { ...plan, context: { ...plan.context, reloaded: new Map([...left, ...upToDate]) } };
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
  { reloaded, outcomes }: Restarts,
  leaveBehind: readonly string[],
) {
  const { secret, ports } = context;
  const hasValue = versionWith("AWSCURRENT", live) !== undefined;
  const [inAws, allowed, takers, kubernetes, keys] = await Promise.all([
    awsConsumersCheck(context, recorded.version?.id),
    permissions(secret, ports, run.asked, reloaded),
    secret.externalSecret ? takersOf(secret, ports, run.asked) : { takers: [], unknown: [] },
    kubernetesCheck(secret, run, { hasValue, reloaded }),
    kmsCheck(secret, live, ports, run.asked),
  ]);
  // What may not be done is not told once more of each object.
  const isForbidden = allowed.some((outcome) => "refuse" in outcome);
  const told = isForbidden ? kubernetes.filter((outcome) => !("forbidden" in outcome)) : kubernetes;
  const dies = context.emergency || strategy.overlap === "one-live";
  const question = { dies, leaveBehind, unlessVersion: recorded.version?.id };
  const consumers = secret.externalSecret ? judgeTakers(secret, takers, question) : [];
  return [...inAws, ...allowed, ...consumers, ...outcomes, ...told, ...keys];
}

/** Nothing that is done already is refused, nor anything where there is nothing to do. */
function holds({ unlessVersion }: Refusal, isPlanRefused: boolean, plan: PlannedSecret | undefined): boolean {
  if (isPlanRefused) return true;
  if (plan === undefined) return false;
  return plan.newValue !== undefined || unlessVersion === undefined || plan.newVersionId !== unlessVersion;
}
