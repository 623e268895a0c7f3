import { ConcurrentUpdateError } from "@pulumi/pulumi/automation";
import { engineHome } from "./engineHome";
import { mayClear } from "./lock";
import type { OpenStack } from "./openStack";
import { OwnUpdates } from "./ownUpdates";
import { mayClearRemote } from "./remoteRuns";

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
