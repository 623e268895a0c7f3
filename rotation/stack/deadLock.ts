import { ConcurrentUpdateError } from "@pulumi/pulumi/automation";
import { urnsOf } from "../../infra/urns";
import { UsageError } from "../errors";
import { engineHome } from "./engineHome";
import { mayClear } from "./lock";
import type { OpenStack } from "./openStack";
import { OwnUpdates } from "./ownUpdates";
import type { RecordedStack } from "./recordedStack";
import { lockedError, mayClearRemote } from "./remoteRuns";

/** What the backend says where another update holds the stack; undefined: the error is another one. */
export function lockText(error: unknown): string | undefined {
  if (error instanceof ConcurrentUpdateError) return error.message;
  const { stderr } = error as { stderr?: unknown };
  return typeof stderr === "string" && stderr.includes("currently locked by") ? stderr : undefined;
}

export function ownUpdatesOf({ stack, config }: OpenStack): OwnUpdates {
  return new OwnUpdates(stack.workspace.pulumiHome ?? engineHome(), config.stack);
}

/**
 * Does what needs the stack's lock. That of an engine of the driver's that died on this machine is cleared, and that of a run of CI
 * that has ended.
 *
 * @throws what `work` throws; another's lock too
 */
export async function clearingDeadLock(open: OpenStack, own: OwnUpdates, work: () => Promise<void>): Promise<void> {
  await work().catch(async (error) => {
    const text = lockText(error);
    if (text === undefined) throw error;
    if (!mayClear(own, text) && !(await mayClearRemote(open.remote, text))) throw error;
    await open.endOrphans();
    await open.stack.cancel();
    await work();
  });
}

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
