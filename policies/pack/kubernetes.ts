import type { Resource } from "./definePolicy";
import { at, listAt, type Plain, textAt, textsAt } from "./plain";

export function namespaceOf(props: Plain): string {
  return textAt(props, "metadata", "namespace") ?? "default";
}

/** An ExternalSecret: `namespace/name`, and the Kubernetes Secret it writes. */
export function externalSecretOf({ props, name }: Resource) {
  const namespace = namespaceOf(props);
  const object = textAt(props, "metadata", "name") ?? name;
  const target = textAt(props, "spec", "target", "name") ?? object;
  return { id: `${namespace}/${object}`, namespace, target: `${namespace}/${target}` };
}

/** How a workload takes a Kubernetes Secret in a way that does not follow it by itself. */
export interface FixedUse {
  readonly secret: string;
  readonly how: "by subPath" | "as environment";
}

/** The Secrets that a pod template takes for the whole life of a pod: environment, and files mounted by subPath. */
export function fixedUsesOf(props: Plain): FixedUse[] {
  const pod = at(props, "spec", "template", "spec");
  const containers = [...listAt(pod, "initContainers"), ...listAt(pod, "containers")];
  const uses = containers.flatMap((container) => [
    ...environmentOf(container),
    ...subPathsOf(container, listAt(pod, "volumes")),
  ]);
  const seen = new Set<string>();
  return uses.filter(({ secret, how }) => !seen.has(`${how} ${secret}`) && seen.add(`${how} ${secret}`));
}

function environmentOf(container: Plain): FixedUse[] {
  const names = [
    ...listAt(container, "env").map((entry) => at(entry, "valueFrom", "secretKeyRef", "name")),
    ...listAt(container, "envFrom").map((entry) => at(entry, "secretRef", "name")),
  ];
  return names.filter((name) => typeof name === "string").map((secret) => ({ secret, how: "as environment" }));
}

function subPathsOf(container: Plain, volumes: readonly Plain[]): FixedUse[] {
  const mounts = listAt(container, "volumeMounts").filter((m) => at(m, "subPath") ?? at(m, "subPathExpr"));
  const mounted = new Set(mounts.map((mount) => at(mount, "name")));
  const secrets = volumes.filter((volume) => mounted.has(at(volume, "name"))).flatMap(secretsOf);
  return secrets.map((secret) => ({ secret, how: "by subPath" }));
}

function secretsOf(volume: Plain): string[] {
  const projected = listAt(volume, "projected", "sources").map((source) => at(source, "secret", "name"));
  return [at(volume, "secret", "secretName"), ...projected].filter((name) => typeof name === "string");
}

/** Whether Stakater's Reloader restarts the workload when this Secret changes, as its annotations ask it to. */
export function isReloaded(props: Plain, secret: string): boolean {
  const annotations = {
    ...textsAt(props, "spec", "template", "metadata", "annotations"),
    ...textsAt(props, "metadata", "annotations"),
  };
  const listed = (annotations["secret.reloader.stakater.com/reload"] ?? "").split(",").map((name) => name.trim());
  return (
    annotations["reloader.stakater.com/auto"] === "true" ||
    annotations["secret.reloader.stakater.com/auto"] === "true" ||
    listed.includes(secret)
  );
}
