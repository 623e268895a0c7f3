import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

/**
 * The container that Reloader writes its variable into: the one that takes the Secret; the first, where an init container takes it,
 * or the annotation names the Secret.
 *
 * @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/handler/upgrade.go: getContainerUsingResource
 */
export function containerOf(spec: V1PodSpec, secret: string, isNamed: boolean): V1Container | undefined {
  const volume = spec.volumes?.find(
    ({ secret: own, projected }) =>
      own?.secretName === secret || projected?.sources?.some((source) => source.secret?.name === secret),
  );
  const mounts = ({ volumeMounts = [] }: V1Container) => volumeMounts.some(({ name }) => name === volume?.name);
  const reads = ({ env = [], envFrom = [] }: V1Container) =>
    env.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === secret) ||
    envFrom.some(({ secretRef }) => secretRef?.name === secret);
  const { containers, initContainers = [] } = spec;
  const own = (volume && containers.find(mounts)) ?? containers.find(reads);
  const isInit = (volume && initContainers.some(mounts)) || initContainers.some(reads);
  return own ?? (isInit || isNamed ? containers[0] : undefined);
}
