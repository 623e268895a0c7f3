import type { NotifyDeclaration } from "../config/notifySchema";
import type { StackConfig } from "../config/stackConfig";
import { backupKeyAlias, fullName, metrics } from "../names";
import { type Key, keyOf } from "./keys";

/** What a stack declares that a role needs permissions for. */
export interface Declared {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly environment: string;
  readonly stack: string;
  /** Full names of the stack's secrets. */
  readonly secrets: readonly string[];
  /** Those of them that External Secrets brings into Kubernetes. */
  readonly synced: readonly string[];
  /** Full names or ARNs of the secrets that only log in to databases. */
  readonly superusers: readonly string[];
  /** Keys of the stack's secrets; those without one have the account's own key, which needs no permission. */
  readonly secretKeys: readonly Key[];
  /** Where Pulumi keeps the state of the stack, when that is a bucket; the prefix is that of `.pulumi`. */
  readonly state: { readonly bucket: string; readonly prefix: string } | undefined;
  /** Key of the stack's secrets provider. */
  readonly stateKey: Key | undefined;
  readonly backup: { readonly bucket: string; readonly prefix: string; readonly key: Key } | undefined;
  readonly audit: { readonly bucket: string; readonly prefix: string } | undefined;
  readonly logGroup: string | undefined;
  /** Where the metrics go; undefined: the stack has none. */
  readonly metricNamespace: string | undefined;
  /** The SNS topic that is told of runs, and the key that encrypts it; undefined: nobody is. */
  readonly topic: { readonly arn: string; readonly key: Key | undefined } | undefined;
  /** Full name or ARN of the secret that is a webhook's URL. */
  readonly webhook: string | undefined;
}

/** What the stack's configuration does not say. */
export interface Surroundings {
  readonly account: string;
  /** URL of Pulumi's backend, e.g. `s3://acme-pulumi-state/prod?region=eu-west-1`. */
  readonly backend: string;
  /** URL of the stack's secrets provider, e.g. `awskms://alias/pulumi-prod?region=eu-west-1`. */
  readonly secretsProvider: string | undefined;
}

/** @returns what a role has to be allowed for this stack, and for no other */
export function declaredBy(config: StackConfig, { account, backend, secretsProvider }: Surroundings): Declared {
  const { environment, region, stack, secrets, backup, audit, alarms, notify } = config;
  const own = secrets.map(({ name }) => fullName(environment, name));
  const superusers = new Set(secrets.flatMap(({ database }) => database?.superuserSecret ?? []));
  const keys = new Set(secrets.flatMap(({ kmsKeyId }) => kmsKeyId ?? []));
  const kms = secretsProvider === undefined ? undefined : /^awskms:\/\/\/?([^?]+)/.exec(secretsProvider)?.[1];
  return {
    region,
    account,
    environment,
    stack,
    secrets: own,
    synced: secrets.flatMap(({ name, externalSecret }) => (externalSecret ? [fullName(environment, name)] : [])),
    superusers: [...superusers].filter((name) => !own.includes(name)),
    secretKeys: [...keys].map(keyOf),
    state: bucketOf(backend),
    stateKey: kms === undefined ? undefined : keyOf(kms),
    backup: backup && {
      bucket: backup.bucket,
      prefix: backup.prefix,
      key: keyOf(backup.kmsKeyId ?? backupKeyAlias(environment)),
    },
    audit: audit?.s3,
    logGroup: audit?.cloudWatchLogs?.logGroup,
    metricNamespace: alarms && metrics.namespace,
    topic: notify?.sns && topicOf(notify.sns),
    webhook: notify?.webhook?.urlFrom.secret,
  };
}

function topicOf({ topicArn, kmsKeyId }: NonNullable<NotifyDeclaration["sns"]>): Declared["topic"] {
  return { arn: topicArn, key: kmsKeyId === undefined ? undefined : keyOf(kmsKeyId) };
}

/** Undefined: the state lies in no bucket of AWS. */
function bucketOf(backend: string): Declared["state"] {
  const found = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(backend);
  if (!found) return undefined;
  const [, bucket = "", path = ""] = found;
  const folder = path.replace(/\/$/, "");
  return { bucket, prefix: folder === "" ? ".pulumi" : `${folder}/.pulumi` };
}
