import { awsConsumerName, workloadName } from "../../infra/names";
import type { Entry } from "../gates/run";

/**
 * A run's secrets in waves, each of which is brought to its workloads before the next one's targets are touched: so the
 * time from a secret's `set` to its rollout, and what a kill leaves half-way, do not grow with the run.
 *
 * Secrets that share a workload are in one wave, as that restarts once; such a group may be larger than a wave should be.
 * Targets that accept one credential only come last: nothing else of the run is between them and their rollouts.
 *
 * @param atOnce  secrets in a wave
 */
export function wavesOf(entries: readonly Entry[], atOnce: number): Entry[][] {
  const waves: Entry[][] = [];
  for (const group of groupsInOrder(entries)) {
    const last = waves.at(-1);
    if (last && last.length + group.length <= atOnce) last.push(...group);
    else waves.push([...group]);
  }
  return waves;
}

/** Those that share a workload, each group in the place where its turn is. */
export function groupsInOrder(entries: readonly Entry[]): Entry[][] {
  const groups = groupsOf(entries);
  return [...groups.filter((group) => !isOneLive(group)), ...groups.filter(isOneLive)];
}

function isOneLive(group: readonly Entry[]): boolean {
  return group.some(({ plan }) => plan.strategy.overlap === "one-live");
}

/** Those that share a workload, if only by way of others. */
function groupsOf(entries: readonly Entry[]): Entry[][] {
  const byWorkload = new Map<string, Set<Entry>>();
  const groups = new Set<Set<Entry>>();
  for (const entry of entries) {
    const names = namesOf(entry);
    const met = new Set(names.flatMap((name) => byWorkload.get(name) ?? []));
    const group = new Set([...[...met].flatMap((one) => [...one]), entry]);
    for (const one of met) groups.delete(one);
    groups.add(group);
    for (const name of [...group].flatMap(namesOf)) byWorkload.set(name, group);
  }
  return [...groups].map((group) => [...group]);
}

function namesOf({ plan }: Entry): string[] {
  const { consumers, awsConsumers } = plan.context.secret;
  return [...consumers.map(workloadName), ...awsConsumers.map(awsConsumerName)];
}
