import { tags, workloadName, workloadTitle } from "../../infra/names";
import { versionWith } from "../ports/secretsManager";
import { againstRunning } from "../reloader/runsWith";
import { expectedData, syncable } from "../rotators/common/expectedData";
import type { StrategyContext } from "../rotators/protocol";
import { failure } from "../rotators/protocol";
import { awsRotationOf } from "./awsRotation";
import type { Found } from "./found";
import type { PlannedSecret } from "./plannedSecret";

/** Whether somebody else writes the values of a secret, and the driver brings them to the consumers. */
export function isFollowed({ context }: Pick<Found, "context">): boolean {
  return context.secret.strategy === "native";
}

/**
 * Plans what follows a rotation by AWS: the version that is AWSCURRENT goes through the gates to the consumers that do not run
 * with it yet, and is stamped. Nothing is written, and no label is moved.
 *
 * @param isAskedForMore  whether a new value was asked for, by an emergency, a rollback or a restore
 * @throws {AWS_ROTATION_FAILED} when there is nothing to bring, as AWS's rotation has not come through
 * @throws {STRATEGY_UNAVAILABLE} when there is nothing to bring, or more was asked for
 */
export async function planFollow(
  { context, strategy, live, recorded }: Found,
  { isAskedForMore }: { readonly isAskedForMore: boolean },
): Promise<PlannedSecret> {
  const { ports, fullName, secret } = context;
  const refuse = (message: string, hint: string) =>
    failure(context, "check", "STRATEGY_UNAVAILABLE", `strategy native: ${message}`, { hint });
  const byAws = `have AWS rotate it: aws secretsmanager rotate-secret --secret-id ${fullName}; then npm run rotate -- ${secret.name}`;
  if (isAskedForMore) throw refuse("AWS alone writes its values", byAws);
  const current = versionWith("AWSCURRENT", live);
  if (current === undefined) {
    const put = `put the first one: aws secretsmanager put-secret-value --secret-id ${fullName}; then run pulumi up`;
    throw refuse("it has no value yet, and AWS rotates nothing that has none", put);
  }
  const { problem } = await awsRotationOf(fullName, live, ports);
  const stamped = live.tags[tags.rotatedVersion];
  if (stamped === current) {
    const { message = "", hint = "" } = problem ?? {};
    if (problem) throw failure(context, "check", "AWS_ROTATION_FAILED", message, { hint });
    throw refuse("AWS has not rotated it since its consumers have got the current version", byAws);
  }
  if (problem) context.findings.warn(`${problem.message}. ${problem.hint}`);
  const value = await ports.secretsManager.value(fullName, current);
  if (value === undefined) {
    const hint = "only a text comes into Kubernetes: see what the rotation function writes";
    throw failure(context, "check", "SECRET_MALFORMED", `the current version ${current} has no text`, { hint });
  }
  syncable(context, "check", value);
  return {
    context: { ...context, upToDate: await running(context, current, value) },
    strategy,
    mode: "follow",
    newValue: undefined,
    counter: recorded.version?.counter ?? 0,
    oldVersionId: stamped,
    newVersionId: current,
    writtenAt: await ports.secretsManager.createdAt(fullName, current),
  };
}

/** Names of the consumers that run with it already. */
async function running(context: StrategyContext, versionId: string, value: string): Promise<ReadonlySet<string>> {
  const { secret, ports, findings } = context;
  const expected = expectedData(context, "check", value);
  const asked = { ...context, versionId, expected };
  const found = await Promise.all(
    secret.consumers.map(async (consumer) => {
      if ((await againstRunning(asked, consumer, ports.kubernetes)) !== undefined) return [];
      findings.fact(`${workloadTitle(consumer)} runs with this version already`);
      return [workloadName(consumer)];
    }),
  );
  return new Set(found.flat());
}
