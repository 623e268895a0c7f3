import { z } from "zod";

/**
 * An engine that is killed while it creates something leaves that in the state as a pending operation, with the inputs
 * that it had: the new value among them, encrypted. Every later update keeps it, since Pulumi cannot know whether the
 * resource came to be. Of a rotation's resources it is known: AWS's staging labels tell which versions there are, and a
 * patch of a workload is the same however often it is made.
 *
 * A replacement may be cut off between its halves: the engine marks the old resource for deletion as soon as the new one is made,
 * and adds the new one a moment later. A state that was written between the two has neither, and an update of whatever depends on
 * it fails without a word. The old one is what the state really has then. (`pulumi stack import` and `pulumi refresh` take out the
 * pending operation, and leave the mark.)
 *
 * @see https://www.pulumi.com/docs/support/troubleshooting/common-issues/#pending-operations
 */
const pendingSchema = z.looseObject({ type: z.string(), resource: z.looseObject({ urn: z.string() }) });
const resourceSchema = z.looseObject({ urn: z.string(), delete: z.boolean().optional() });
const exportedSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(pendingSchema).nullish(),
  }),
});
type Resource = z.output<typeof resourceSchema>;

/** URNs of the resources whose creation the state has as under way. */
export function pendingIn(exported: unknown): ReadonlySet<string> {
  const { pending_operations } = exportedSchema.parse(exported).deployment;
  // Other operations are taken out by the next update.
  const creations = pending_operations?.filter(({ type }) => type === "creating");
  return new Set(creations?.map(({ resource }) => resource.urn));
}

/**
 * The resources that the state really has, by URN, without those that are only to be deleted.
 *
 * @param urns  of a rotation's own resources
 * @returns `cutOff`: of those, the URNs of which the state has but what is to be deleted; the newest of that is among the living
 */
export function livingIn<R extends Pick<Resource, "urn" | "delete">>(
  resources: readonly R[],
  urns: Iterable<string>,
): { readonly living: ReadonlyMap<string, R>; readonly cutOff: ReadonlySet<string> } {
  const living = new Map(resources.filter((one) => !one.delete).map((one) => [one.urn, one]));
  const marked = Map.groupBy(
    resources.filter((one) => one.delete),
    ({ urn }) => urn,
  );
  const cutOff = new Set<string>();
  for (const urn of urns) {
    // The engine puts what it has made last before what was there.
    const [newest] = marked.get(urn) ?? [];
    if (!newest || living.has(urn)) continue;
    living.set(urn, newest);
    cutOff.add(urn);
  }
  return { living, cutOff };
}

/** The state without what is under way of these resources, as it was before that; all else is as it was. */
export function withoutPending(exported: unknown, urns: ReadonlySet<string>): unknown {
  const state = exportedSchema.parse(exported);
  const { deployment } = state;
  const pending_operations = deployment.pending_operations?.filter(({ resource }) => !urns.has(resource.urn));
  const { living, cutOff } = livingIn(deployment.resources ?? [], urns);
  const resources = deployment.resources?.map((resource) => {
    if (!cutOff.has(resource.urn) || living.get(resource.urn) !== resource) return resource;
    const { delete: _marked, ...kept } = resource;
    return kept;
  });
  return { ...state, deployment: { ...deployment, resources, pending_operations } };
}
