import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import type { Cluster, PodReference } from "./cluster";
import { ContainerRunner } from "./container";
import { NotStartable } from "./podError";
import type { PodIps } from "./podIps";
import { type PodState, PodStatusBuilder } from "./podStatus";
import { PodVolumes } from "./podVolumes";
import { secretData } from "./secretReader";
import { StatusReporter } from "./statusReporter";
import { untilDone } from "./untilDone";

const retryMs = 2000;

export interface NodeContext {
  readonly cluster: Cluster;
  readonly ips: PodIps;
  readonly pods: string;
  readonly podLogs: string;
  readonly registry: string;
  readonly path: string;
  readonly refreshDelayMs: number;
}

/** The life of one pod on this node, from its binding to the removal of its object. */
export class PodRunner {
  readonly #folder: string;
  readonly #ip: string;
  readonly #stop = new AbortController();
  readonly #volumes: PodVolumes;
  /** They run one after the other, before the containers. */
  readonly #initContainers: readonly ContainerRunner[];
  readonly #containers: readonly ContainerRunner[];
  readonly #reporter: StatusReporter;
  readonly #startTime = new Date();
  readonly #finished: Promise<void>;
  #waiting: PodState["waiting"];
  #retry: (() => void) | undefined;
  #refreshing: Promise<void> | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pod: V1Pod,
    readonly reference: PodReference,
    private readonly node: NodeContext,
  ) {
    const { namespace, name, uid } = reference;
    this.#ip = node.ips.take();
    this.#folder = join(node.pods, `${namespace}_${name}_${uid}`);
    const readSecret = async (secret: string) => {
      const found = await node.cluster.readSecret(namespace, secret);
      return found && secretData(found);
    };
    this.#volumes = new PodVolumes(this.#folder, pod, readSecret);
    const common = { pod, readSecret, podIp: this.#ip, onChange: () => this.#reporter.changed() };
    const { path, podLogs, registry } = node;
    const runner = (container: V1Container) => {
      const root = this.#volumes.root(container.name);
      return new ContainerRunner(container, { ...common, root, path, podLogs, registry });
    };
    this.#initContainers = (pod.spec?.initContainers ?? []).map(runner);
    this.#containers = (pod.spec?.containers ?? []).map(runner);
    const builder = new PodStatusBuilder(pod, uid);
    const status = () => builder.build(this.#initContainers, this.#containers, this.#state());
    this.#reporter = new StatusReporter(node.cluster, reference, status);
    this.#finished = this.#run().catch((error: Error) =>
      this.#reportWaiting("RunContainerError", "Failed", error.message),
    );
  }

  /** A Secret of the pod's namespace has changed: a pod that waits tries again, one that runs gets its files refreshed. */
  secretChanged(name: string): void {
    this.#retry?.();
    if (!this.#volumes.secretNames().includes(name)) return;
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined;
      const before = this.#refreshing ?? Promise.resolve();
      this.#refreshing = before.then(() => this.#refresh());
    }, this.node.refreshDelayMs);
  }

  /**
   * Ends the pod: SIGTERM, after the grace period SIGKILL. Resolves when none of its processes is left, its files are
   * removed, and so is its object.
   */
  async terminate(graceSeconds: number): Promise<void> {
    this.#stop.abort();
    this.#retry?.();
    if (graceSeconds > 0) for (const container of this.#all()) container.signal("SIGTERM");
    const timer = setTimeout(() => this.kill(), graceSeconds * 1000);
    await this.#finished;
    clearTimeout(timer);
    clearTimeout(this.#refreshTimer);
    await this.#refreshing;
    this.#reporter.close();
    await rm(this.#folder, { recursive: true, force: true });
    this.node.ips.release(this.#ip);
    await untilDone(`removing ${this.reference.name}`, () => this.node.cluster.finalise(this.reference));
  }

  /** Kills what runs of the pod at once. */
  kill(): void {
    for (const container of this.#all()) container.signal("SIGKILL");
  }

  #all(): readonly ContainerRunner[] {
    return [...this.#initContainers, ...this.#containers];
  }

  #state(): PodState {
    return { podIp: this.#waiting ? undefined : this.#ip, startTime: this.#startTime, waiting: this.#waiting };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const policy = this.pod.spec?.restartPolicy ?? "Always";
    await this.#prepared(() => this.#volumes.setUp());
    for (const container of this.#initContainers) {
      await this.#prepared(() => container.prepare());
      const exitCode = signal.aborted ? null : await container.run(signal, policy === "Never" ? policy : "OnFailure");
      if (exitCode !== 0) return;
    }
    await this.#prepared(async () => {
      for (const container of this.#containers) await container.prepare();
    });
    if (signal.aborted) return;
    await Promise.all(this.#containers.map((container) => container.run(signal, policy)));
  }

  /** Tries it until nothing is missing any more, or the pod is to end. */
  async #prepared(work: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted && !(await this.#isPrepared(work))) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, retryMs);
        this.#retry = () => {
          clearTimeout(timer);
          resolve();
        };
        if (this.#stop.signal.aborted) this.#retry();
      });
    }
  }

  /** @returns false if something is missing; the pod's status then says what */
  async #isPrepared(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#waiting = undefined;
      return true;
    } catch (error) {
      const known = error instanceof NotStartable;
      const message = error instanceof Error ? error.message : String(error);
      const reason = known ? error.reason : "ContainerCreating";
      await this.#reportWaiting(reason, known ? error.event : "Failed", message);
      return false;
    }
  }

  async #reportWaiting(reason: string, event: string, message: string): Promise<void> {
    const isNew = this.#waiting?.message !== message;
    this.#waiting = { reason, message };
    this.#reporter.changed();
    if (!isNew) return;
    await this.node.cluster.event(this.reference, event, message).catch((error: Error) => console.error(error.message));
  }

  async #refresh(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await this.#volumes.refresh().catch((error: Error) => {
      console.error(`volumes of ${this.reference.namespace}/${this.reference.name}: ${error.message}`);
    });
  }
}
