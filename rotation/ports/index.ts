import { randomBytes } from "node:crypto";
import type { Endpoints } from "../../infra/config/stackConfig";
import type { CloudWatchLogs } from "./cloudWatchLogs";
import type { Kms } from "./kms";
import type { Kubernetes } from "./kubernetes";
import { type Postgres, postgres } from "./postgres";
import type { S3 } from "./s3";
import { type SecretsManager, secretsManager } from "./secretsManager";
import type { Sts } from "./sts";

/** Everything outside of the driver: strategies and gates do no I/O but through these. */
export interface Ports {
  readonly secretsManager: SecretsManager;
  readonly postgres: Postgres;
  readonly kubernetes: Kubernetes;
  readonly s3: S3;
  readonly kms: Kms;
  readonly cloudWatchLogs: CloudWatchLogs;
  readonly sts: Sts;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Clock {
  now(): Date;
}
/** @returns that many cryptographically strong bytes */
export type Random = (bytes: number) => Buffer;

/**
 * The real ones. Credentials come from the environment, as for every AWS and Kubernetes tool, and so do the endpoints that
 * the stack's configuration does not say.
 */
export function realPorts(region: string, endpoints: Endpoints = {}): Ports {
  // Loaded when they are asked for: the Kubernetes client's library alone takes a third of a second, and few commands need them all.
  const client = {
    kubernetes: once(() => (require("./kubernetes") as typeof import("./kubernetes")).kubernetes()),
    kms: once(() => (require("./kms") as typeof import("./kms")).kms(region, endpoints.kms)),
    s3: once(() => (require("./s3") as typeof import("./s3")).s3(region, endpoints.s3)),
    cloudWatchLogs: once(() =>
      (require("./cloudWatchLogs") as typeof import("./cloudWatchLogs")).cloudWatchLogs(region, endpoints.logs),
    ),
    sts: once(() => (require("./sts") as typeof import("./sts")).sts(region, endpoints.sts)),
  };
  return {
    secretsManager: secretsManager(region, endpoints.secretsmanager),
    postgres,
    get kubernetes() {
      return client.kubernetes();
    },
    get kms() {
      return client.kms();
    },
    get s3() {
      return client.s3();
    },
    get cloudWatchLogs() {
      return client.cloudWatchLogs();
    },
    get sts() {
      return client.sts();
    },
    clock: { now: () => new Date() },
    random: randomBytes,
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
