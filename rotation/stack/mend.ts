import { urnsOf } from "../../infra/urns";
import { UsageError } from "../errors";
import { clearingDeadLock, lockText, ownUpdatesOf } from "./deadLock";
import type { OpenStack } from "./openStack";
import type { RecordedStack } from "./recordedStack";
import { lockedError } from "./remoteRuns";

/**
 * Mends a state that an engine has left which was killed between the halves of a replacement: no update goes through before that.
 *
 * @throws {StackLockedError} when another update holds the stack
 */
export async function mend(open: OpenStack, recorded: RecordedStack): Promise<void> {
  if (![...recorded.values()].some(({ cutOff }) => cutOff)) return;
  const urns = open.config.secrets.flatMap((secret) => urnsOf(open.config.stack, secret));
  try {
    await clearingDeadLock(open, ownUpdatesOf(open), () => open.forgetPending(urns));
  } catch (error) {
    const text = lockText(error);
    throw text === undefined ? error : await lockedError(open, text);
  }
}

/**
 * For what writes no state, and so cannot mend one.
 *
 * @throws {UsageError} when the state has to be mended first
 */
export function throwIfCutOff({ config }: OpenStack, recorded: RecordedStack): void {
  const names = [...recorded].flatMap(([name, { cutOff }]) => (cutOff ? [name] : []));
  if (names.length === 0) return;
  const run = `npm run rotate -- ${names[0]} --stack ${config.stack}`;
  throw new UsageError(
    `the engine of a rotation was killed while it replaced the version of ${names.join(", ")}, and the stack's state is half-way: a rotation mends it first (${run})`,
  );
}
