import { z } from "zod";

/**
 * An engine that is killed while it creates something leaves that in the state as a pending operation, with the inputs
 * that it had: the new value among them, encrypted. Every later update keeps it, since Pulumi cannot know whether the
 * resource came to be. Of a rotation's resources it is known: AWS's staging labels tell which versions there are, and a
 * patch of a workload is the same however often it is made.
 *
 * @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/#pending-operations
 */
const pendingSchema = z.looseObject({ type: z.string(), resource: z.looseObject({ urn: z.string() }) });
const exportedSchema = z.looseObject({
  deployment: z.looseObject({ pending_operations: z.array(pendingSchema).nullish() }),
});

/** URNs of the resources whose creation the state has as under way. */
export function pendingIn(exported: unknown): ReadonlySet<string> {
  const { pending_operations } = exportedSchema.parse(exported).deployment;
  // Other operations are taken out by the next update.
  const creations = pending_operations?.filter(({ type }) => type === "creating");
  return new Set(creations?.map(({ resource }) => resource.urn));
}

/** The state without what is under way of these resources; all else is as it was. */
export function withoutPending(exported: unknown, urns: ReadonlySet<string>): unknown {
  const state = exportedSchema.parse(exported);
  const kept = state.deployment.pending_operations?.filter(({ resource }) => !urns.has(resource.urn));
  return { ...state, deployment: { ...state.deployment, pending_operations: kept } };
}
