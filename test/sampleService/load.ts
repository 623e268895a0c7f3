import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repository, typescriptArgs } from "../sandbox/paths";
import type { LoadReport } from "./load/report";
import type { WorkerMessage, WorkerOptions } from "./load/worker";
import { defaults, sampleServices } from "./manifests";

export type SampleLoadOptions = WorkerOptions;

export const defaultLoad: Omit<SampleLoadOptions, "kubeconfig"> = Object.freeze({
  namespace: defaults.namespace,
  services: sampleServices,
  requestsPerSecond: 240,
  maxInFlight: 128,
  timeoutMs: 5_000,
});

/**
 * A steady load on the sample services, from a process of its own: what keeps this one busy neither delays a request
 * nor makes a late one look failed.
 */
export class SampleLoad {
  readonly #options: SampleLoadOptions;
  #worker: ChildProcess | undefined;
  #reply: Promise<unknown> = Promise.resolve();

  /** @param options at least the path of a kubeconfig file */
  constructor(options: Partial<SampleLoadOptions> & { readonly kubeconfig: string }) {
    this.#options = { ...defaultLoad, ...options };
  }

  /** Resolves when requests are being sent. @throws {Error} when the endpoints cannot be read. */
  async start(): Promise<void> {
    this.#worker = fork(join(__dirname, "load", "worker.ts"), [JSON.stringify(this.#options)], {
      cwd: repository,
      execArgv: [...typescriptArgs],
      serialization: "advanced",
    });
    await this.#next(this.#worker);
  }

  /** What happened since the start. */
  async snapshot(): Promise<LoadReport> {
    return this.#ask("snapshot");
  }

  /** Sends nothing more, waits for the requests under way, and reports. */
  async stop(): Promise<LoadReport> {
    return this.#ask("stop");
  }

  /** One question at a time, so that each has its own answer. */
  #ask(question: "snapshot" | "stop"): Promise<LoadReport> {
    const asked = this.#reply.then(async () => {
      if (!this.#worker?.connected) throw new Error("The load is not running: call start() first.");
      const reply = this.#next(this.#worker);
      this.#worker.send(question);
      const message = await reply;
      if (message.kind !== "report") throw new Error(`The load answered ${question} with ${message.kind}.`);
      return message.report;
    });
    this.#reply = asked.catch(() => undefined);
    return asked;
  }

  async #next(worker: ChildProcess): Promise<WorkerMessage> {
    const ended = new AbortController();
    const exit = once(worker, "exit", { signal: ended.signal }).then(([code]: (number | null)[]): never => {
      throw new Error(`The load's process ended with ${code ?? "a signal"}; its output says why.`);
    });
    exit.catch(() => undefined);
    const message = once(worker, "message", { signal: ended.signal }) as Promise<[WorkerMessage]>;
    message.catch(() => undefined);
    try {
      const [answer] = await Promise.race([message, exit]);
      if (answer.kind === "failed") throw new Error(answer.message);
      return answer;
    } finally {
      ended.abort();
    }
  }
}
