import { Admission } from "../gates/admission";
import type { Entry } from "../gates/run";
import type { Updating } from "./updating";
import { groupsInOrder } from "./waves";

const defaultAtOnce = 20;
/** How long a group of secrets that share workloads holds up the others, at most. */
const holdSeconds = 60;

/**
 * Who of an update's secrets may be under way at once; undefined: all. An emergency waits for nobody. Neither does a secret that has
 * nothing in Kubernetes to be told: no resource of the update would say when it is through.
 */
export function admissionOf(
  entries: readonly Entry[],
  { atOnce = defaultAtOnce, interruption }: Pick<Updating, "atOnce" | "interruption">,
): Admission | undefined {
  if (entries.length <= atOnce || entries.some(({ plan }) => plan.context.emergency)) return undefined;
  const groups = groupsInOrder(entries).map((group) =>
    group.filter(({ left }) => left.size > 0).map(({ plan }) => plan.context.secret.name),
  );
  return new Admission(groups, { atOnce, holdSeconds, asked: interruption.signal });
}
