import { asMap, asString, isMap, type PropertyMap, type PropertyValue } from "../provider/propertyValues";
import { idOf, type KubernetesObject, nameOf, namespaceOf } from "./objects";

/** Why a pod is not ready, as far as its status tells. */
export function podMessages(pod: KubernetesObject): string[] {
  const { conditions, containerStatuses, phase } = asMap(pod.status);
  const find = (type: string) => mapsIn(conditions).find((condition) => condition.type === type);
  const scheduled = find("PodScheduled");
  if (scheduled && scheduled.status !== "True")
    return messageOf(scheduled).map((text) => `[Pod ${shown(pod)}]: ${text}`);
  const unready = [find("Initialized"), find("Ready")].find((condition) => condition && condition.status !== "True");
  if (!unready || phase === "Succeeded") return [];
  const containers = mapsIn(containerStatuses).filter(({ ready }) => ready !== true);
  const texts = [...messageOf(unready), ...containers.flatMap(containerMessages)];
  return texts.length === 0 ? [] : [`[Pod ${shown(pod)}]: ${texts.join(" ")}`];
}

function containerMessages(status: PropertyMap): string[] {
  const { waiting, terminated } = asMap(status.state);
  const before = asMap(asMap(status.lastState).terminated);
  return [
    ...(isMap(waiting) && waiting.reason !== "ContainerCreating"
      ? [`[${asString(waiting.reason)}] ${asString(waiting.message) ?? ""}`.trim()]
      : []),
    ...(isMap(terminated) && terminated.reason
      ? [`container "${asString(status.name)}" completed with exit code ${String(terminated.exitCode)}`]
      : []),
    ...("exitCode" in before
      ? [`container "${asString(status.name)}" terminated before with exit code ${String(before.exitCode)}`]
      : []),
  ];
}

function messageOf({ reason, message }: PropertyMap): string[] {
  return reason && message ? [`${message}`] : [];
}

function shown(pod: KubernetesObject): string {
  return namespaceOf(pod) === "default" ? (nameOf(pod) ?? "") : idOf(pod);
}

function mapsIn(value: PropertyValue | undefined): PropertyMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
