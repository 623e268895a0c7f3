/** What is asked of a service next. */
export interface Step {
  readonly service: string;
  /** As reported: without the query. */
  readonly path: string;
  /** As sent. */
  readonly target: string;
}

const paths = ["/query/orders", "/query/reports", "/token", "/verify"] as const;
const keptTokens = 200;

/**
 * Every path of every service in turn. A token is verified by any service and replica, a moment or some seconds after
 * it was issued: around a rotation of the key, signer and verifier may have different ones.
 */
export class Journeys {
  readonly #services: readonly string[];
  readonly #tokens: string[] = [];
  #count = 0;

  constructor(services: readonly string[]) {
    this.#services = services;
  }

  next(): Step {
    const count = this.#count++;
    const service = this.#services[count % this.#services.length];
    const path = paths[Math.floor(count / this.#services.length) % paths.length];
    if (service === undefined || path === undefined) throw new Error("A load needs the name of at least one service.");
    if (path !== "/verify") return { service, path, target: path };
    const token = this.#tokens[Math.floor(Math.random() * this.#tokens.length)];
    // Without one, at the start or while none is issued, it is asked for.
    return token === undefined
      ? { service, path: "/token", target: "/token" }
      : { service, path, target: `${path}?token=${token}` };
  }

  /** Takes the token out of an answer. */
  answered({ path }: Step, body: string): void {
    if (path !== "/token") return;
    this.#tokens.push((JSON.parse(body) as { token: string }).token);
    if (this.#tokens.length > keptTokens) this.#tokens.shift();
  }
}
