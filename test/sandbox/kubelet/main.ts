// The process kubelet: it takes the place of scheduler, kubelet and container runtime, which need root, cgroups and images.
//
// Like the real ones: binding, environment and volumes from Secrets (read anew for each start, files swapped at once when the
// Secret changes), readiness probes, init containers, restarts with back-off, SIGTERM, grace period, SIGKILL, the pod's status and events, and
// that an object is removed only when nothing of its pod runs any more.
//
// Unlike them: a container is a local process in a folder of its own, POD_ROOT, which is its working directory and below which
// its mounts are; the image is ignored; nothing is isolated or limited; pods get no token for the API. Pods have loopback
// addresses, which the API server refuses in EndpointSlices: whoever balances load looks at the pods. Liveness and startup
// probes, sidecar containers and other kinds of volumes and variables than the ones above are not there; where a pod could not
// run without them, it stays in Pending and says so.
import type { V1Pod } from "@kubernetes/client-node";
import { sandboxPaths } from "../paths";
import { endProcesses } from "../process/endProcesses";
import { registered } from "../process/registry";
import { Cluster, podReference } from "./cluster";
import { sandboxNode } from "./node";
import { PodIps } from "./podIps";
import { type NodeContext, PodRunner } from "./podRunner";
import { type KubeletSettings, readSettings, readyLine } from "./settings";
import { untilDone } from "./untilDone";

const relistMs = 1000;
const defaultGraceSeconds = 30;

const isFinished = ({ status }: V1Pod) => ["Succeeded", "Failed"].includes(status?.phase ?? "");

function report(what: string): (error: unknown) => void {
  return (error) => console.error(`${what}:`, error instanceof Error ? error.message : error);
}

class Kubelet {
  readonly #runners = new Map<string, PodRunner>();
  readonly #ending = new Set<string>();
  readonly #binding = new Set<string>();

  constructor(
    private readonly nodeName: string,
    private readonly node: NodeContext,
  ) {}

  podChanged(pod: V1Pod): void {
    const reference = podReference(pod);
    const { uid } = reference;
    const { nodeName } = pod.spec ?? {};
    if (!nodeName) {
      if (pod.metadata?.deletionTimestamp || this.#binding.has(uid)) return;
      this.#binding.add(uid);
      const bound = untilDone(`binding ${reference.name}`, () => this.node.cluster.bind(reference, this.nodeName));
      void bound.finally(() => this.#binding.delete(uid));
    } else if (nodeName === this.nodeName) {
      const deleted = pod.metadata?.deletionTimestamp !== undefined;
      if (deleted && this.#runners.has(uid))
        this.#end(uid, pod.metadata?.deletionGracePeriodSeconds ?? defaultGraceSeconds);
      else if (deleted) void untilDone(`removing ${reference.name}`, () => this.node.cluster.finalise(reference));
      else if (!this.#runners.has(uid) && !isFinished(pod)) {
        this.#runners.set(uid, new PodRunner(pod, reference, this.node));
      }
    }
  }

  /** The object is gone: after a graceful end, or by force. */
  podRemoved(pod: V1Pod): void {
    const { uid } = podReference(pod);
    this.#end(uid, 0);
    this.#runners.get(uid)?.kill();
  }

  secretChanged(namespace: string, name: string): void {
    for (const runner of this.#runners.values()) {
      if (runner.reference.namespace === namespace) runner.secretChanged(name);
    }
  }

  #end(uid: string, graceSeconds: number): void {
    const runner = this.#runners.get(uid);
    if (!runner || this.#ending.has(uid)) return;
    this.#ending.add(uid);
    const ended = runner.terminate(graceSeconds).catch(report(`ending ${runner.reference.name}`));
    void ended.finally(() => {
      this.#runners.delete(uid);
      this.#ending.delete(uid);
    });
  }
}

async function watch(kubelet: Kubelet, cluster: Cluster): Promise<void> {
  const pods = cluster.watchPods();
  pods.on("add", (pod) => kubelet.podChanged(pod));
  pods.on("update", (pod) => kubelet.podChanged(pod));
  pods.on("delete", (pod) => kubelet.podRemoved(pod));
  const secrets = cluster.watchSecrets();
  secrets.on("change", ({ metadata }) => kubelet.secretChanged(metadata?.namespace ?? "", metadata?.name ?? ""));
  for (const informer of [secrets, pods]) {
    informer.on("error", (error: unknown) => {
      report("watch")(error);
      setTimeout(() => void informer.start().catch(report("watch")), relistMs);
    });
    await informer.start();
  }
}

async function main({ sandboxDir, kubeconfig, nodeName, refreshDelayMs }: KubeletSettings): Promise<void> {
  const { registry, pods, podLogs } = sandboxPaths(sandboxDir);
  // What a kubelet that was killed has left would hold the addresses and the names of the pods that are started now.
  await endProcesses(registered(registry).filter(({ kind }) => kind === "pod"));
  const cluster = new Cluster(kubeconfig);
  const path = process.env.PATH ?? "";
  const node = { cluster, ips: new PodIps(), pods, podLogs, registry, path, refreshDelayMs };
  await untilDone("creating the node", () => cluster.createNode(sandboxNode(nodeName)));
  await watch(new Kubelet(nodeName, node), cluster);
  console.log(readyLine);
}

main(readSettings(process.env)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
