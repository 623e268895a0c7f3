import { Agent } from "node:http";
import { performance } from "node:perf_hooks";
import type { Endpoint, EndpointSource } from "./endpoints";
import { Journeys, type Step } from "./journeys";
import { Recorder } from "./recorder";
import type { LoadReport } from "./report";
import { codeIn, request } from "./request";

export interface LoadOptions {
  readonly services: readonly string[];
  /** Over all services. */
  readonly requestsPerSecond: number;
  /** A request that would be one more than these is not sent, and counted as skipped. */
  readonly maxInFlight: number;
  readonly timeoutMs: number;
}

const tickMs = 10;

/** A steady load, request by request in turn over services and endpoints. A failed request is a failed request: no retries. */
export class Load {
  readonly #options: LoadOptions;
  readonly #endpoints: EndpointSource;
  readonly #agent: Agent;
  readonly #journeys: Journeys;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #turns = new Map<string, number>();
  #recorder = new Recorder();
  #timer: NodeJS.Timeout | undefined;

  constructor(endpoints: EndpointSource, options: LoadOptions) {
    this.#options = options;
    this.#endpoints = endpoints;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxInFlight });
    this.#journeys = new Journeys(options.services);
  }

  /** @throws {Error} when the endpoints cannot be read. */
  async start(): Promise<void> {
    await this.#endpoints.start();
    this.#recorder = new Recorder();
    const startedAt = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const elapsedSeconds = (performance.now() - startedAt) / 1_000;
      for (; due < elapsedSeconds * this.#options.requestsPerSecond; due++) this.#send(this.#journeys.next());
    }, tickMs);
  }

  snapshot(): LoadReport {
    return this.#recorder.report();
  }

  /** Sends nothing more, waits for what is under way, and reports. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
    await this.#endpoints.stop();
    this.#agent.destroy();
    return this.#recorder.report();
  }

  #send(step: Step): void {
    if (this.#inFlight.size >= this.#options.maxInFlight) {
      this.#recorder.skipped();
      return;
    }
    const sending = this.#request(step).finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #request(step: Step): Promise<void> {
    const startedAt = performance.now();
    const kind = await this.#attempt(step);
    const { service, path } = step;
    if (kind === undefined) this.#recorder.succeeded(service, path, performance.now() - startedAt);
    else this.#recorder.failed({ at: new Date(), service, path, kind });
  }

  /** The kind of failure, or undefined. */
  async #attempt(step: Step): Promise<string | undefined> {
    const endpoint = this.#nextEndpoint(step);
    if (endpoint === undefined) return "NO_ENDPOINT";
    try {
      const { status, body } = await request(this.#agent, endpoint, step.target, this.#options.timeoutMs);
      if (status !== 200) return ["HTTP", status, codeIn(body)].filter(Boolean).join(" ");
      this.#journeys.answered(step, body);
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "UNKNOWN";
    }
  }

  /** In turn for each path, so that every path is asked of every endpoint. */
  #nextEndpoint({ service, path }: Step): Endpoint | undefined {
    const ready = this.#endpoints.ready(service);
    const turn = this.#turns.get(service + path) ?? 0;
    this.#turns.set(service + path, turn + 1);
    return ready[turn % ready.length];
  }
}
