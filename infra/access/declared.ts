import type { Grant } from "../config/consumerKind";
import type { NotifyDeclaration } from "../config/notifySchema";
import type { AwsPermission } from "../config/rotator";
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
  /** Those of them whose rotation by AWS the stack sets. */
  readonly native: readonly string[];
  /** ARNs of the functions that rotate these. */
  readonly rotationFunctions: readonly string[];
  /** ARNs of the roles that Secrets Manager takes to rotate managed external secrets. */
  readonly rotationRoles: readonly string[];
  /** Full names or ARNs of the secrets that rotations read beside their own, e.g. a database superuser's. */
  readonly superusers: readonly string[];
  /** What rotations do in AWS beside: at the issuers of credentials. */
  readonly permissions: readonly AwsPermission[];
  /** Keys of the stack's secrets; those without one have the account's own key, which needs no permission. */
  readonly secretKeys: readonly Key[];
  /** What is done with the consumers in AWS that the secrets declare. */
  readonly consumers: readonly Grant[];
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
  const superusers = new Set(secrets.flatMap((secret) => config.rotators.get(secret.kind)?.reads?.(secret) ?? []));
  const keys = new Set(secrets.flatMap(({ kmsKeyId }) => kmsKeyId ?? []));
  const kms = secretsProvider === undefined ? undefined : /^awskms:\/\/\/?([^?]+)/.exec(secretsProvider)?.[1];
  return {
    region,
    account,
    environment,
    stack,
    secrets: own,
    synced: secrets.flatMap(({ name, externalSecret }) => (externalSecret ? [fullName(environment, name)] : [])),
    native: secrets.flatMap(({ name, native }) => (native ? [fullName(environment, name)] : [])),
    rotationFunctions: [...new Set(secrets.flatMap(({ native }) => native?.lambda ?? []))],
    rotationRoles: [...new Set(secrets.flatMap(({ native }) => native?.external?.roleArn ?? []))],
    superusers: [...superusers].filter((name) => !own.includes(name)),
    permissions: secrets.flatMap((secret) => config.rotators.get(secret.kind)?.permissions?.(secret) ?? []),
    secretKeys: [...keys].map(keyOf),
    consumers: grantsFor(config, (service) => `arn:aws:${service}:${region}:${account}`),
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

/** Those with the same actions as one. */
function grantsFor({ secrets, consumerKinds }: StackConfig, arn: (service: string) => string): Grant[] {
  const resources = new Map<string, Set<string>>();
  for (const { kind, fields } of secrets.flatMap(({ awsConsumers }) => awsConsumers)) {
    const found = consumerKinds.get(kind);
    for (const grant of found && "grants" in found ? found.grants(fields, arn) : []) {
      const key = grant.actions.join(" ");
      resources.set(key, new Set([...(resources.get(key) ?? []), ...grant.resources]));
    }
  }
  return [...resources].map(([actions, all]) => ({ actions: actions.split(" "), resources: [...all].sort() }));
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
