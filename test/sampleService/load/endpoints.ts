import { CoreV1Api, type KubeConfig, makeInformer, type V1Pod, type V1Service } from "@kubernetes/client-node";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Knows at every moment where requests to a service may go. */
export interface EndpointSource {
  /** @throws {Error} when services or pods cannot be read. */
  start(): Promise<void>;
  stop(): Promise<void>;
  ready(service: string): readonly Endpoint[];
}

const restartMs = 200;

/**
 * Watches the pods behind Services and sends requests to those that kube-proxy would send them to. It finds them
 * itself, as there are no EndpointSlices for the sandbox's pods: the API server takes no loopback address in one.
 */
export function watchEndpoints(kubeconfig: KubeConfig, namespace: string, names: readonly string[]): EndpointSource {
  const api = kubeconfig.makeApiClient(CoreV1Api);
  const listPods = () => api.listNamespacedPod({ namespace });
  const informer = makeInformer(kubeconfig, `/api/v1/namespaces/${namespace}/pods`, listPods);
  let services: readonly V1Service[] = [];
  let endpoints: ReadonlyMap<string, readonly Endpoint[]> = new Map();
  let failure: unknown;
  let started = false;
  let retry: NodeJS.Timeout | undefined;

  informer.on("change", () => {
    const pods = informer.list();
    endpoints = new Map(services.map((service) => [service.metadata?.name ?? "", readyEndpoints(service, pods)]));
  });
  informer.on("error", (error: unknown) => {
    if (started) retry = setTimeout(() => void informer.start(), restartMs);
    else failure = error;
  });

  return {
    async start() {
      services = await Promise.all(names.map((name) => api.readNamespacedService({ name, namespace })));
      await informer.start();
      if (failure !== undefined) throw new Error(`The pods of ${namespace} cannot be read.`, { cause: failure });
      started = true;
    },
    async stop() {
      started = false;
      clearTimeout(retry);
      await informer.stop();
    },
    ready: (service) => endpoints.get(service) ?? [],
  };
}

/** Where a Service's requests may go: to its pods that are ready and were not told to end. */
export function readyEndpoints({ spec }: V1Service, pods: readonly V1Pod[]): Endpoint[] {
  const selector = Object.entries(spec?.selector ?? {});
  const targetPort = spec?.ports?.[0]?.targetPort;
  return pods.filter(takesRequests).flatMap((pod) => {
    const selected = selector.every(([label, value]) => pod.metadata?.labels?.[label] === value);
    const address = pod.status?.podIP;
    const port = typeof targetPort === "number" ? targetPort : namedPort(pod, targetPort);
    return selected && address !== undefined && port !== undefined ? [{ address, port }] : [];
  });
}

function takesRequests({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return ready && metadata?.deletionTimestamp === undefined;
}

function namedPort({ spec }: V1Pod, name: string | object | undefined): number | undefined {
  const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find((port) => port.name === name)?.containerPort;
}
