import type { AwsConsumer } from "../../infra/config/consumerKind";
import { awsConsumerTitle } from "../../infra/names";
import { awsKind } from "../consumers";
import { marksOf, missingOf } from "../consumers/awsRuns";
import { failure, type StrategyContext } from "../rotators/protocol";
import { waitFor } from "../waitFor";

export interface AwsWait {
  /**
   * Takes a step of the restart, unless another secret of the run has done that; undefined: this is the run's second look, which
   * restarts nothing.
   *
   * @returns when it was done; undefined: there was nothing to do
   */
  readonly restart?: (consumer: AwsConsumer) => Promise<Date | undefined>;
  /** Ends the wait by throwing, where the run is to end. */
  readonly throwIfAsked?: () => void;
}

/**
 * Gate "rollout" of a consumer in AWS: all of it runs with this version of the secret, and what began before has ended. One whose restart
 * an earlier run has begun is waited for, and not restarted again.
 *
 * @throws {ROLLOUT_FAILED} when it has failed, or the time is over
 */
export async function awsRestarted(
  context: StrategyContext,
  versionId: string,
  consumer: AwsConsumer,
  { restart, throwIfAsked = () => undefined }: AwsWait = {},
): Promise<void> {
  const { secret, ports } = context;
  const marks = marksOf(context, versionId);
  const timeoutSeconds = secret.rolloutTimeout;
  let waitsFor = "";
  let restartedAt: Date | undefined;
  const look = async () => {
    throwIfAsked();
    const state = await awsKind(consumer.kind).look(consumer.fields, ports, marks);
    if (state?.failed !== undefined && (state.isBegun || !restart || restartedAt)) return { failed: state.failed };
    if (state?.isBegun === false && state.heldBack) return { failed: state.heldBack.why };
    waitsFor = missingOf(state, restartedAt, ports.clock.now());
    if (waitsFor === "") return "restarted";
    if (state?.isBegun === false && state.waitsFor === undefined) {
      restartedAt = (await restart?.(consumer)) ?? restartedAt;
    }
    return undefined;
  };
  const end = await waitFor(look, { timeoutSeconds });
  if (end === "restarted") return;
  const title = awsConsumerTitle(consumer);
  const hint = "see why its new tasks or environments do not come up, mend it, and run the same command again";
  const message = end ? `${title}: ${end.failed}` : `${title} is not restarted after ${timeoutSeconds} s: ${waitsFor}`;
  throw failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: end === undefined, hint });
}
