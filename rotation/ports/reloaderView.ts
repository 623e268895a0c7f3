import type { V1PodSpec } from "@kubernetes/client-node";
import type { PodTemplate } from "../consumers/workloadObject";

/** What Stakater Reloader goes by when it decides whether to restart a workload, and what it leaves in the pod template. */
export interface ReloaderView {
  /** Those of the workload that are Reloader's. */
  readonly annotations: Annotations;
  /** Those of its pod template that are Reloader's. */
  readonly podAnnotations: Annotations;
  /** Names of the Kubernetes Secrets that a container takes by its environment or a mounted volume. */
  readonly uses: ReadonlySet<string>;
  /** The variables that Reloader has set in containers (`STAKATER_…`), each as `NAME=value`. */
  readonly variables: ReadonlySet<string>;
}

type Annotations = Readonly<Record<string, string>>;

const domain = /(^|\.)reloader\.stakater\.com\//;
const variablePrefix = "STAKATER_";

/** @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/handler/upgrade.go: getContainerUsingResource */
export function reloaderView(annotations: Annotations | undefined, template: PodTemplate | undefined): ReloaderView {
  const { initContainers = [], containers = [], volumes = [] } = (template?.spec ?? {}) as Partial<V1PodSpec>;
  const all = [...initContainers, ...containers];
  const mounted = new Set(all.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  const names = [
    ...all.flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
    ...volumes
      .filter(({ name }) => mounted.has(name))
      .flatMap(({ secret, projected }) => [
        secret?.secretName,
        ...(projected?.sources ?? []).map((source) => source.secret?.name),
      ]),
  ];
  const variables = containers.flatMap(({ env = [] }) => env.filter(({ name }) => name.startsWith(variablePrefix)));
  return {
    annotations: ofReloader(annotations),
    podAnnotations: ofReloader(template?.metadata?.annotations),
    uses: new Set(names.filter((name) => name !== undefined)),
    variables: new Set(variables.map(({ name, value }) => `${name}=${value ?? ""}`)),
  };
}

function ofReloader(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => domain.test(key)));
}
