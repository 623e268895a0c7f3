import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { tls } from "../../rotation/ports/tls";
import { type Endpoint, type EndpointSource, watchEndpoints } from "../sampleService/load/endpoints";
import { codeIn, request } from "../sampleService/load/request";
import { type KindName, kindNames, lifetimes, serverName, serviceName, tlsServiceName } from "./declared";

/** What happened to the requests of one kind. */
export interface KindCounts {
  readonly sent: number;
  /** What each failed one failed with. */
  readonly failed: readonly string[];
}

const pauseMs = 40;
const timeoutMs = 5000;
const keptTokens = 2000;

class Failed extends Error {}

/**
 * Clients of the service, some for each kind of secret, which ask one request after the other, and repeat none. Each is sent to a
 * pod that is ready.
 */
export class KindClients {
  readonly #agent = new Agent({ keepAlive: false });
  readonly #endpoints: EndpointSource;
  readonly #counts = new Map(kindNames.map((name) => [name, { sent: 0, failed: [] as string[] }]));
  #turn = 0;
  #running: Promise<unknown> | undefined;
  #isEnding = false;
  /** Kept by a client that may do so for the declared time. */
  #set: { readonly keys: JSONWebKeySet; readonly readAt: number } | undefined;
  readonly #tokens = new KeptTokens();
  readonly #jwts = new KeptTokens();

  /** @param trusted  PEM: the bundle that clients trust now */
  constructor(
    kubeconfig: KubeConfig,
    namespace: string,
    private readonly trusted: () => string,
  ) {
    this.#endpoints = watchEndpoints(kubeconfig, namespace, [serviceName, tlsServiceName]);
  }

  async start(): Promise<void> {
    await this.#endpoints.start();
    this.#running = Promise.all(kindNames.map((name) => this.#loop(name)));
  }

  counts(): ReadonlyMap<KindName, KindCounts> {
    return new Map([...this.#counts].map(([name, { sent, failed }]) => [name, { sent, failed: [...failed] }]));
  }

  get newestJwt(): string | undefined {
    return this.#jwts.newest;
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#running;
    await this.#endpoints.stop();
    this.#agent.destroy();
  }

  async #loop(name: KindName): Promise<void> {
    const counts = this.#counts.get(name);
    while (counts && !this.#isEnding) {
      for (const ask of this.#journeys[name]) {
        counts.sent += 1;
        await ask().catch((error: NodeJS.ErrnoException) => {
          counts.failed.push(error instanceof Failed ? error.message : (error.code ?? error.name));
        });
      }
      await delay(pauseMs);
    }
  }

  readonly #journeys: Readonly<Record<KindName, readonly (() => Promise<unknown>)[]>> = {
    acme: [() => this.#get("/acme"), () => this.#get("/acme/secondary")],
    mailer: [() => this.#get("/mailer")],
    "web-tls": [() => this.#shakeHands()],
    tokens: [() => this.#newToken(), () => this.#verifyToken()],
    jwt: [
      () => this.#newJwt(),
      () => this.#get(`/jwt/verify?token=${this.#jwts.validUntil(Date.now() + 2 * timeoutMs)}`),
    ],
  };

  async #get<T = object>(path: string): Promise<T> {
    const { status, body } = await request(this.#agent, this.#endpoint(serviceName), path, timeoutMs);
    if (status !== 200) throw new Failed(`${path.split("?")[0]}: ${status} ${codeIn(body) ?? ""}`);
    return JSON.parse(body) as T;
  }

  #endpoint(service: string): Endpoint {
    const ready = this.#endpoints.ready(service);
    const one = ready[this.#turn++ % ready.length];
    if (!one) throw new Failed("no pod is ready");
    return one;
  }

  async #shakeHands(): Promise<void> {
    const answer = await tls.ask({ ...this.#endpoint(tlsServiceName), serverName, ca: this.trusted() });
    const wrong = "failed" in answer ? answer.failed : answer.refused;
    if (wrong !== undefined) throw new Failed(`TLS: ${wrong}`);
  }

  async #newToken(): Promise<void> {
    const { token } = await this.#get<{ token: string }>("/tokens");
    this.#tokens.keep(token);
  }

  /** One that has not expired, from any pod and any time, by the set as a verifier keeps it. */
  async #verifyToken(): Promise<void> {
    const isOld = this.#set === undefined || Date.now() - this.#set.readAt > lifetimes.cacheSeconds * 1000;
    const readAt = Date.now();
    if (isOld) this.#set = { keys: await this.#get<JSONWebKeySet>("/jwks.json"), readAt };
    const currentDate = new Date();
    const one = this.#tokens.validUntil(currentDate.getTime());
    if (this.#set && one) await jwtVerify(one, createLocalJWKSet(this.#set.keys), { currentDate });
  }

  async #newJwt(): Promise<void> {
    const { token } = await this.#get<{ token: string }>("/jwt");
    this.#jwts.keep(token);
  }
}

/** Tokens of all the time in which they are valid. */
class KeptTokens {
  readonly #all: { readonly token: string; readonly expiresAt: number }[] = [];

  get newest(): string | undefined {
    return this.#all.at(-1)?.token;
  }

  keep(token: string): void {
    this.#all.push({ token, expiresAt: (decodeJwt(token).exp ?? 0) * 1000 });
    if (this.#all.length > keptTokens) this.#all.shift();
  }

  /** Any one that is valid for longer than until then; undefined: there is none. */
  validUntil(timeMs: number): string | undefined {
    const valid = this.#all.filter(({ expiresAt }) => expiresAt > timeMs);
    return valid[Math.floor(Math.random() * valid.length)]?.token;
  }
}
