import type { AwsConsumer } from "../../infra/config/consumerKind";
import { awsConsumerTitle } from "../../infra/names";
import { awsKind } from "../consumers";
import { marksOf } from "../consumers/awsRuns";
import type { StrategyContext } from "../rotators/protocol";
import type { Outcome } from "./outcome";

/**
 * Every consumer in AWS is there, and can be restarted.
 *
 * @param versionId  the recorded version: a rotation that goes on with it restarts nothing that it has restarted already
 */
export async function awsConsumersCheck(context: StrategyContext, versionId: string | undefined): Promise<Outcome[]> {
  const found = await Promise.all(context.secret.awsConsumers.map((one) => outcomesOf(one, context, versionId)));
  return found.flat();
}

async function outcomesOf(
  consumer: AwsConsumer,
  { environment, secret, ports }: StrategyContext,
  versionId: string | undefined,
): Promise<Outcome[]> {
  const title = awsConsumerTitle(consumer);
  const marks = versionId === undefined ? new Map() : marksOf({ environment, secret }, versionId);
  const state = await awsKind(consumer.kind).look(consumer.fields, ports, marks);
  if (!state) {
    const hint = "deploy it first (it may wait for the secret), or correct the secret's consumers";
    return [{ refuse: `there is no ${title}`, code: "CONSUMER_MISSING", hint }];
  }
  const unlessVersion = state.isBegun ? versionId : undefined;
  const { heldBack, drainSeconds } = state;
  if (heldBack) {
    return [{ refuse: `${title} ${heldBack.why}`, code: "CONSUMER_HELD_BACK", hint: heldBack.hint, unlessVersion }];
  }
  if (drainSeconds >= secret.rolloutTimeout) {
    const refuse = `${title} may run for ${drainSeconds} s, and the rotation waits ${secret.rolloutTimeout} s (rolloutTimeout)`;
    const hint = "make the secret's rolloutTimeout longer than that";
    return [{ refuse, code: "CONSUMER_HELD_BACK", hint, unlessVersion }];
  }
  return [{ fact: `${title} is there, and can be restarted` }];
}
