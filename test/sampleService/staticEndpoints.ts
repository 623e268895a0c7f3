import type { Endpoint, EndpointSource } from "./load/endpoints";

/** Endpoints that a test changes by hand. */
export class StaticEndpoints implements EndpointSource {
  readonly #ready = new Map<string, readonly Endpoint[]>();

  /** @param urls as `http://127.0.0.1:8080` */
  set(service: string, urls: readonly string[]): void {
    const endpoints = urls
      .map((url) => new URL(url))
      .map(({ hostname, port }) => ({ address: hostname, port: Number(port) }));
    this.#ready.set(service, endpoints);
  }
  ready(service: string): readonly Endpoint[] {
    return this.#ready.get(service) ?? [];
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
