import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

/**
 * How pods take a Kubernetes Secret. `env`: as environment variables, fixed when a container starts; `subPath`: as a file that
 * is not updated either; `volume`: as files that follow the Secret; `pull`: to pull their images.
 */
export type Way = "env" | "subPath" | "volume" | "pull";

/** The Kubernetes Secrets that pods of this specification take, by name. */
export function secretsOf(spec: V1PodSpec): Map<string, Set<Way>> {
  const found = new Map<string, Set<Way>>();
  const note = (name: string | undefined, way: Way) => {
    if (name) found.set(name, (found.get(name) ?? new Set()).add(way));
  };
  const containers = [
    ...(spec.initContainers ?? []),
    ...spec.containers,
    ...((spec.ephemeralContainers ?? []) as V1Container[]),
  ];
  for (const { env = [], envFrom = [] } of containers) {
    for (const { valueFrom } of env) note(valueFrom?.secretKeyRef?.name, "env");
    for (const { secretRef } of envFrom) note(secretRef?.name, "env");
  }
  const bySubPath = new Set(
    containers.flatMap(({ volumeMounts = [] }) =>
      volumeMounts.filter(({ subPath, subPathExpr }) => subPath || subPathExpr).map(({ name }) => name),
    ),
  );
  for (const { name, secret, projected, csi, azureFile } of spec.volumes ?? []) {
    const way = bySubPath.has(name) ? "subPath" : "volume";
    note(secret?.secretName, way);
    for (const source of projected?.sources ?? []) note(source.secret?.name, way);
    // The driver of a volume reads them when it mounts.
    note(csi?.nodePublishSecretRef?.name, "subPath");
    note(azureFile?.secretName, "subPath");
  }
  for (const { name } of spec.imagePullSecrets ?? []) note(name, "pull");
  return found;
}
