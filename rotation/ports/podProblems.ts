import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";

/** Why pods are not ready, as far as their status tells: one text for each of them. */
export function podProblems(pods: readonly V1Pod[]): string[] {
  return pods.flatMap(problemOf);
}

function problemOf({ metadata, status }: V1Pod): string[] {
  if (metadata?.deletionTimestamp !== undefined || status?.phase === "Succeeded") return [];
  const find = (type: string) => status?.conditions?.find((condition) => condition.type === type);
  const unmet = ["PodScheduled", "Initialized", "Ready"].map(find).find((found) => found && found.status !== "True");
  if (!unmet) return [];
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const texts = [unmet.message ?? unmet.reason, ...containers.filter(({ ready }) => !ready).flatMap(ofContainer)];
  return [`pod ${metadata?.name}: ${texts.filter(Boolean).join(", ")}`];
}

function ofContainer({ name, state, lastState }: V1ContainerStatus): string[] {
  const waiting = state?.waiting;
  const ended = state?.terminated ?? lastState?.terminated;
  return [
    ...(waiting && !["ContainerCreating", "PodInitializing"].includes(waiting.reason ?? "")
      ? [`${name}: ${waiting.reason}${waiting.message ? ` (${waiting.message})` : ""}`]
      : []),
    ...(ended ? [`${name} ended with exit code ${ended.exitCode}`] : []),
  ];
}
