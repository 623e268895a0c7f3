import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1ContainerState, V1Pod } from "@kubernetes/client-node";
import { type GatedProcess, gatedSpawn } from "../process/gatedSpawn";
import { sendSignal } from "../process/processTable";
import { containerEnv } from "./containerEnv";
import { expand } from "./expansion";
import { NotStartable, unsupported } from "./podError";
import { createProbe, watchReadiness } from "./probe";
import type { ReadSecret } from "./secretReader";

const firstBackOffMs = 1000;
const longestBackOffMs = 30_000;

export interface ContainerContext {
  readonly pod: V1Pod;
  readonly podIp: string;
  /** The container's root: its working directory, and what its mounts are below. */
  readonly root: string;
  readonly readSecret: ReadSecret;
  readonly path: string;
  readonly podLogs: string;
  readonly registry: string;
  readonly onChange: () => void;
}

/** What the status of a pod says about one container. */
export interface ContainerView {
  state: V1ContainerState;
  lastState: V1ContainerState;
  ready: boolean;
  restartCount: number;
}

/** Runs one container of a pod as a local process, again and again as the restart policy has it. */
export class ContainerRunner {
  readonly view: ContainerView = {
    state: { waiting: { reason: "ContainerCreating" } },
    lastState: {},
    ready: false,
    restartCount: 0,
  };
  #process: GatedProcess | undefined;
  #env: Record<string, string> = {};
  #look: (() => Promise<boolean>) | undefined;

  constructor(
    readonly container: V1Container,
    private readonly context: ContainerContext,
  ) {}

  /** Reads what the container needs to start. @throws NotStartable as long as something is missing */
  async prepare(): Promise<void> {
    const { root, path, pod, podIp, readSecret } = this.context;
    if (!this.container.command && !this.container.args) throw unsupported("images: a container needs a command");
    if (this.container.restartPolicy) throw unsupported("sidecar containers");
    const base = { PATH: path, HOME: root, POD_ROOT: root };
    const { readinessProbe } = this.container;
    this.#look = readinessProbe && createProbe(readinessProbe, this.container, podIp);
    this.#env = await containerEnv(this.container, base, { pod, podIp, readSecret, hostIp: "127.0.0.1" });
  }

  /**
   * Runs the container until it may not be restarted any more, or until `stop` is aborted and it has been ended.
   *
   * @param policy  the pod's `restartPolicy`; an init container is restarted on failure at most
   * @returns its last exit code; null: it was ended
   */
  async run(stop: AbortSignal, policy: string): Promise<number | null> {
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, longestBackOffMs)) {
      const exitCode = await this.#runOnce(stop);
      if (stop.aborted || policy === "Never" || (policy === "OnFailure" && exitCode === 0)) return exitCode;
      const message = `back-off ${backOffMs / 1000} s restarting failed container`;
      this.#update({ lastState: this.view.state, state: { waiting: { reason: "CrashLoopBackOff", message } } });
      await delay(backOffMs, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) return exitCode;
      this.view.restartCount += 1;
      await this.prepare().catch((error: unknown) => {
        if (!(error instanceof NotStartable)) throw error; // a Secret was removed meanwhile: the old values are used
      });
    }
  }

  /** Signals the running process: SIGTERM to itself, SIGKILL to all of its group. */
  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const child = this.#process?.child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    sendSignal(signal === "SIGKILL" ? -child.pid : child.pid, signal);
  }

  async #runOnce(stop: AbortSignal): Promise<number | null> {
    this.#process = await this.#spawn();
    const { child } = this.#process;
    const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once("exit", (...how) => resolve(how));
      if (child.exitCode !== null || child.signalCode !== null) resolve([child.exitCode, child.signalCode]);
    });
    const startedAt = new Date();
    const probing = new AbortController();
    this.#update({ state: { running: { startedAt } }, ready: !this.#look });
    const probe = this.#probe(AbortSignal.any([probing.signal, stop]));
    const [code, signal] = await exited;
    probing.abort();
    await probe;
    if (child.pid) sendSignal(-child.pid, "SIGKILL"); // what it left behind in its group
    this.#process = undefined;
    const reason = code === 0 ? "Completed" : "Error";
    const exitCode = code ?? 128;
    const message = signal ? `ended by ${signal}` : `exit code ${code}`;
    const terminated = { exitCode, reason, message, startedAt, finishedAt: new Date() };
    this.#update({ state: { terminated }, ready: false });
    return code;
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { readinessProbe } = this.container;
    if (!readinessProbe || !this.#look) return;
    await watchReadiness(readinessProbe, this.#look, (ready) => this.#update({ ready }), signal);
  }

  async #spawn(): Promise<GatedProcess> {
    const { name, command = [], args = [], workingDir } = this.container;
    const { pod, root, podLogs, registry } = this.context;
    const [program = "", ...rest] = [...command, ...args].map((text) => expand(text, this.#env));
    const owner = `${pod.metadata?.namespace}_${pod.metadata?.name}`;
    const log = openSync(join(podLogs, `${owner}_${name}.log`), "a", 0o600);
    try {
      return await gatedSpawn({
        ...{ name: `${owner}/${name}`, kind: "pod", endBy: "SIGTERM", registry, log },
        ...{ command: program, args: rest, env: this.#env, cwd: workingDir ? join(root, workingDir) : root },
      });
    } finally {
      closeSync(log);
    }
  }

  #update(change: Partial<ContainerView>): void {
    Object.assign(this.view, change);
    this.context.onChange();
  }
}
