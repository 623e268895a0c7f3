import { randomBytes } from "node:crypto";
import type { ProviderSettings } from "../../infra/config/providerSchema";
import type { AwsSettings } from "./awsClient";
import { type AwsCredentials, awsCredentials } from "./awsCredentials";
import type { CloudWatch } from "./cloudWatch";
import type { CloudWatchLogs } from "./cloudWatchLogs";
import { type Dns, dns } from "./dns";
import type { Kms } from "./kms";
import type { KmsKeys } from "./kmsKeys";
import type { Kubernetes } from "./kubernetes";
import { type Postgres, postgres } from "./postgres";
import type { S3 } from "./s3";
import { type SecretsManager, secretsManager } from "./secretsManager";
import type { Sns } from "./sns";
import type { Sts } from "./sts";

/** Everything outside of the driver: strategies and gates do no I/O but through these. */
export interface Ports {
  readonly secretsManager: SecretsManager;
  readonly postgres: Postgres;
  readonly dns: Dns;
  readonly kubernetes: Kubernetes;
  readonly s3: S3;
  readonly kms: Kms;
  readonly kmsKeys: KmsKeys;
  readonly cloudWatch: CloudWatch;
  readonly cloudWatchLogs: CloudWatchLogs;
  readonly sns: Sns;
  readonly sts: Sts;
  readonly awsCredentials: AwsCredentials;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Clock {
  now(): Date;
}
/** @returns that many cryptographically strong bytes */
export type Random = (bytes: number) => Buffer;

/**
 * The real ones. What the settings do not say comes from the environment, as for every AWS and Kubernetes tool.
 *
 * @param settings  those that Pulumi's providers get
 */
export function realPorts(settings: AwsSettings & Partial<Pick<ProviderSettings, "kubeconfig" | "context">>): Ports {
  // Loaded when they are asked for: the Kubernetes client's library alone takes a third of a second, and few commands need them all.
  const client = {
    kubernetes: once(() => {
      const { kubeConfig } = require("./kubeConfig") as typeof import("./kubeConfig");
      return (require("./kubernetes") as typeof import("./kubernetes")).kubernetes(kubeConfig(settings));
    }),
    kms: once(() => (require("./kms") as typeof import("./kms")).kms(settings)),
    kmsKeys: once(() => (require("./kmsKeys") as typeof import("./kmsKeys")).kmsKeys(settings)),
    s3: once(() => (require("./s3") as typeof import("./s3")).s3(settings)),
    cloudWatch: once(() => (require("./cloudWatch") as typeof import("./cloudWatch")).cloudWatch(settings)),
    cloudWatchLogs: once(() =>
      (require("./cloudWatchLogs") as typeof import("./cloudWatchLogs")).cloudWatchLogs(settings),
    ),
    sns: once(() => (require("./sns") as typeof import("./sns")).sns(settings)),
    sts: once(() => (require("./sts") as typeof import("./sts")).sts(settings)),
  };
  return {
    secretsManager: secretsManager(settings),
    postgres,
    dns,
    get kubernetes() {
      return client.kubernetes();
    },
    get kms() {
      return client.kms();
    },
    get kmsKeys() {
      return client.kmsKeys();
    },
    get s3() {
      return client.s3();
    },
    get cloudWatch() {
      return client.cloudWatch();
    },
    get cloudWatchLogs() {
      return client.cloudWatchLogs();
    },
    get sns() {
      return client.sns();
    },
    get sts() {
      return client.sts();
    },
    awsCredentials: awsCredentials(settings),
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
