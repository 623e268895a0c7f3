import type { StackConfig } from "../../infra/config/stackConfig";
import type { Ports } from "../ports";
import { actorOf, osUser, triggerOf } from "./actor";
import type { RunContext, RunIntent } from "./record";

/** What a run knows of itself: its intent, who started it, and by what. AWS is asked who the caller is, for 3 s at most. */
export async function runContextOf(
  { environment }: Pick<StackConfig, "environment">,
  ports: Pick<Ports, "sts">,
  intent: RunIntent,
): Promise<RunContext> {
  const asked = async () => ports.sts.caller();
  const arn = await asked().catch(() => undefined);
  const { env } = process;
  return { ...intent, environment, actor: actorOf(env, arn, osUser()), trigger: triggerOf(env) };
}
