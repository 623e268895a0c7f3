import { BackupError, type RotationError } from "../errors";
import { failureOf } from "../failureOf";
import { Findings } from "../findings";
import { type Observer, observed } from "../run/observer";
import type { RotateRequest } from "../run/request";
import type { RecordedStack } from "../stack/recordedStack";
import { type Found, find } from "./found";
import { planRestore } from "./planRestore";
import { planRollback } from "./planRollback";
import { type PlannedSecret, planRotation } from "./planRotation";

/**
 * Plans every secret side by side; those that are refused are not touched by this run.
 *
 * @throws {BackupError} a backup that is not as it was written is not used at all
 */
export async function planAll(request: Omit<RotateRequest, "observer">, recorded: RecordedStack, observer: Observer) {
  const { open, ports, secrets, emergency = false } = request;
  const refused = new Map<string, RotationError>();
  const unchanged = new Set<string>();
  const findings = new Map(secrets.map(({ name }) => [name, new Findings()]));
  const planned = secrets.map(async (secret) => {
    const { name } = secret;
    try {
      const plan = await observed(observer, name, "check", async () =>
        planOne(
          request,
          await find(secret, open.config, recorded.get(name), ports, {
            emergency,
            findings: findings.get(name) ?? new Findings(),
          }),
        ),
      );
      if (plan === undefined) unchanged.add(name);
      return plan;
    } catch (error) {
      if (error instanceof BackupError) throw error;
      refused.set(name, failureOf(error, { secret: name, step: "check" }));
      return undefined;
    }
  });
  const plans: PlannedSecret[] = (await Promise.all(planned)).filter((plan) => plan !== undefined);
  return { plans, refused, unchanged, findings };
}

/** @returns undefined: there is nothing to do */
function planOne({ rollback, restore }: Pick<RotateRequest, "rollback" | "restore">, found: Found) {
  if (restore) return planRestore(found, restore);
  return rollback ? planRollback(found, rollback.to) : planRotation(found);
}
