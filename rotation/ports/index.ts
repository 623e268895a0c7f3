import { randomBytes } from "node:crypto";
import type { Kubernetes } from "./kubernetes";
import { type Postgres, postgres } from "./postgres";
import { type SecretsManager, secretsManager } from "./secretsManager";

/** Everything outside of the driver: strategies and gates do no I/O but through these. */
export interface Ports {
  readonly secretsManager: SecretsManager;
  readonly postgres: Postgres;
  readonly kubernetes: Kubernetes;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Clock {
  now(): Date;
}
/** @returns that many cryptographically strong bytes */
export type Random = (bytes: number) => Buffer;

/** The real ones; endpoints and credentials come from the environment, as for every AWS and Kubernetes tool. */
export function realPorts(region: string): Ports {
  let client: Kubernetes | undefined;
  return {
    secretsManager: secretsManager(region),
    postgres,
    get kubernetes() {
      // Its library takes a third of a second to load, and `status` and `check` need none of it.
      client ??= (require("./kubernetes") as typeof import("./kubernetes")).kubernetes();
      return client;
    },
    clock: { now: () => new Date() },
    random: randomBytes,
  };
}
