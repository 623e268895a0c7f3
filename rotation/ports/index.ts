import { randomBytes } from "node:crypto";
import type { ProviderSettings } from "../../infra/config/providerSchema";
import type { ConsumerPorts } from "../consumers/awsPorts";
import { type Acme, acme } from "./acme";
import type { AwsSettings } from "./awsClient";
import type { AwsCredentials } from "./awsCredentials";
import { type ChallengeServer, challengeServer } from "./challengeServer";
import { type ChildProcess, childProcess } from "./childProcess";
import type { CloudWatch } from "./cloudWatch";
import type { CloudWatchLogs } from "./cloudWatchLogs";
import { type Dns, dns } from "./dns";
import { type Http, http } from "./http";
import type { Iam } from "./iam";
import type { Kms } from "./kms";
import type { KmsKeys } from "./kmsKeys";
import type { KmsSigning } from "./kmsSigning";
import type { Kubernetes } from "./kubernetes";
import { type Postgres, postgres } from "./postgres";
import type { Route53 } from "./route53";
import type { S3 } from "./s3";
import type { SecretsManager } from "./secretsManager";
import type { Sns } from "./sns";
import type { Sts } from "./sts";
import { type Tls, tls } from "./tls";

/** Everything outside of the driver: strategies and gates do no I/O but through these. */
export interface Ports extends ConsumerPorts {
  readonly secretsManager: SecretsManager;
  readonly postgres: Postgres;
  readonly dns: Dns;
  readonly kubernetes: Kubernetes;
  readonly s3: S3;
  readonly kms: Kms;
  readonly kmsKeys: KmsKeys;
  readonly kmsSigning: KmsSigning;
  readonly cloudWatch: CloudWatch;
  readonly cloudWatchLogs: CloudWatchLogs;
  readonly sns: Sns;
  readonly sts: Sts;
  readonly iam: Iam;
  readonly awsCredentials: AwsCredentials;
  readonly childProcess: ChildProcess;
  readonly http: Http;
  readonly tls: Tls;
  readonly acme: Acme;
  readonly challengeServer: ChallengeServer;
  readonly route53: Route53;
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
    secretsManager: once(() =>
      (require("./awsSecretsManager") as typeof import("./awsSecretsManager")).secretsManager(settings),
    ),
    awsCredentials: once(() =>
      (require("./awsCredentials") as typeof import("./awsCredentials")).awsCredentials(settings),
    ),
    kubernetes: once(() => {
      const { kubeConfig } = require("./kubeConfig") as typeof import("./kubeConfig");
      return (require("./kubernetes") as typeof import("./kubernetes")).kubernetes(kubeConfig(settings));
    }),
    kms: once(() => (require("./kms") as typeof import("./kms")).kms(settings)),
    kmsKeys: once(() => (require("./kmsKeys") as typeof import("./kmsKeys")).kmsKeys(settings)),
    kmsSigning: once(() => (require("./kmsSigning") as typeof import("./kmsSigning")).kmsSigning(settings)),
    s3: once(() => (require("./s3") as typeof import("./s3")).s3(settings)),
    cloudWatch: once(() => (require("./cloudWatch") as typeof import("./cloudWatch")).cloudWatch(settings)),
    cloudWatchLogs: once(() =>
      (require("./cloudWatchLogs") as typeof import("./cloudWatchLogs")).cloudWatchLogs(settings),
    ),
    route53: once(() => (require("./route53") as typeof import("./route53")).route53(settings)),
    ecs: once(() => (require("./ecs") as typeof import("./ecs")).ecs(settings)),
    lambda: once(() => (require("./lambda") as typeof import("./lambda")).lambda(settings)),
    sns: once(() => (require("./sns") as typeof import("./sns")).sns(settings)),
    sts: once(() => (require("./sts") as typeof import("./sts")).sts(settings)),
    iam: once(() => (require("./iam") as typeof import("./iam")).iam(settings)),
  };
  return {
    get secretsManager() {
      return client.secretsManager();
    },
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
    get kmsSigning() {
      return client.kmsSigning();
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
    get route53() {
      return client.route53();
    },
    get ecs() {
      return client.ecs();
    },
    get lambda() {
      return client.lambda();
    },
    get sns() {
      return client.sns();
    },
    get sts() {
      return client.sts();
    },
    get iam() {
      return client.iam();
    },
    get awsCredentials() {
      return client.awsCredentials();
    },
    childProcess,
    http,
    tls,
    acme,
    challengeServer: challengeServer(),
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
