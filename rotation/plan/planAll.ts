import { BackupError, type RotationError, type UsageError } from "../errors";
import { failureOf } from "../failureOf";
import { Findings } from "../findings";
import { type Observer, observed } from "../observer";
import type { RecordedStack } from "../stack/recordedStack";
import { Asked, type KubernetesRun } from "./asked";
import { credentialsLast } from "./credentials";
import { isDriven } from "./found";
import type { PlannedSecret } from "./plannedSecret";
import { planOne } from "./planOne";
import type { PlanRequest } from "./planRequest";

/** What a run is going to do, and what its checks have found. */
export interface Plans {
  readonly plans: PlannedSecret[];
  /** By name: those that this run does not touch. */
  readonly refused: ReadonlyMap<string, RotationError>;
  /** Names of those for which there is nothing to do. */
  readonly unchanged: ReadonlySet<string>;
  /** By name. */
  readonly findings: ReadonlyMap<string, Findings>;
  /** Of the run as a whole. */
  readonly ofRun: Findings;
  /** Why the run as a whole is not to begin. */
  readonly stop: UsageError | undefined;
}

/**
 * Plans every secret side by side; those that are refused are not touched by this run.
 *
 * @throws {BackupError} a backup that is not as it was written is not used at all
 */
export async function planAll(request: PlanRequest, recorded: RecordedStack, observer: Observer): Promise<Plans> {
  const { open, ports, secrets } = request;
  const refused = new Map<string, RotationError>();
  const unchanged = new Set<string>();
  const findings = new Map(secrets.map(({ name }) => [name, new Findings()]));
  const ofRun = new Findings();
  const driven = secrets.filter(isDriven(open.config));
  const rotating = new Set(driven.map(({ name }) => name));
  const run: KubernetesRun = { config: open.config, rotating, recorded, ports, asked: new Asked() };
  const lasting = driven.length > 0 ? credentialsLast(driven, ports, ofRun) : undefined;
  if (driven.length > 0) ofRun.unknown("whether AWS allows what the run writes: it says so only when that is done");
  const planned = secrets.map(async (secret) => {
    const { name } = secret;
    try {
      const own = findings.get(name) ?? new Findings();
      const plan = await observed(observer, name, "check", () => planOne(secret, request, run, own));
      if (plan === undefined) unchanged.add(name);
      return plan;
    } catch (error) {
      if (error instanceof BackupError) throw error;
      refused.set(name, failureOf(error, { secret: name, step: "check" }));
      return undefined;
    }
  });
  const plans: PlannedSecret[] = (await Promise.all(planned)).filter((plan) => plan !== undefined);
  return { plans, refused, unchanged, findings, ofRun, stop: await lasting };
}
