import type { Declared } from "./declared";
import { keyStatements } from "./keys";
import { type PolicyDocument, type PolicyStatement, policyDocument, sizeOf } from "./policyDocument";

/** IAM's limit for a managed policy. */
const limit = 6144;

/**
 * The policy of the role that runs rotations: these secrets, places and keys, nothing of another environment, and no
 * deletion but in the state's bucket, whose lock is an object.
 *
 * Where the names of the secrets are too many for a policy, the environment's prefix stands for them; the tag of the stack's
 * own secrets narrows that for whatever reads or writes a value.
 */
export function rotationPolicy(declared: Declared): PolicyDocument {
  return withinLimit(declared, declared.secrets, (names) => rotationPolicyOf(declared, names));
}

/** The policy that names these secrets or, where that is longer than IAM takes, all of the environment. */
function withinLimit(
  { environment }: Declared,
  names: readonly string[],
  build: (names: readonly string[]) => PolicyDocument,
): PolicyDocument {
  const named = build(names);
  return sizeOf(named) <= limit ? named : build([`${environment}/*`]);
}

function rotationPolicyOf(declared: Declared, names: readonly string[]): PolicyDocument {
  const { environment, superusers, state, stateKey, backup, audit, logGroup, secretKeys, region, account } = declared;
  const secrets = names.map((name) => secretArn(declared, name));
  const buckets = [...new Set([state, backup, audit].flatMap((place) => place?.bucket ?? []))];
  return policyDocument([
    secrets.length > 0
      ? allow("WhatSecretsThereAre", ["DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"], secrets)
      : undefined,
    secrets.length > 0
      ? {
          ...allow(
            "SecretsOfTheStack",
            ["GetSecretValue", "PutSecretValue", "TagResource", "UpdateSecret", "UpdateSecretVersionStage"],
            secrets,
          ),
          Condition: { StringEquals: { "secretsmanager:ResourceTag/managed-by": "secret-rotation" } },
        }
      : undefined,
    superusers.length > 0
      ? allow(
          "RotatorsOfDatabases",
          ["DescribeSecret", "GetSecretValue"],
          superusers.map((name) => secretArn(declared, name)),
        )
      : undefined,
    allow("StatusAndCheck", ["ListSecrets"], "*"),
    ...keyStatements(secretKeys, declared, {
      sid: "KeysOfSecrets",
      actions: ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey"],
    }),
    buckets.length > 0
      ? statement(
          "Buckets",
          ["s3:ListBucket"],
          buckets.map((bucket) => `arn:aws:s3:::${bucket}`),
        )
      : undefined,
    state && statement("State", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], objectsIn(state)),
    ...keyStatements(stateKey ? [stateKey] : [], declared, {
      sid: "KeyOfState",
      actions: ["kms:Encrypt", "kms:Decrypt"],
    }),
    backup && statement("Backups", ["s3:PutObject"], objectsIn(backup, environment)),
    ...backupKey(declared, ["kms:DescribeKey", "kms:GenerateDataKey"]),
    audit && statement("Audit", ["s3:GetObject", "s3:PutObject"], objectsIn(audit, environment)),
    logGroup === undefined
      ? undefined
      : statement(
          "AuditLogs",
          ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"],
          `arn:aws:logs:${region}:${account}:log-group:${logGroup}:*`,
        ),
  ]);
}

/** What a restore needs beside the rotation's policy; undefined: the stack keeps no backups. */
export function restorePolicy(declared: Declared): PolicyDocument | undefined {
  const { backup, environment } = declared;
  if (!backup) return undefined;
  return policyDocument([
    statement("ReadBackups", ["s3:GetObject"], objectsIn(backup, environment)),
    ...backupKey(declared, ["kms:Decrypt"]),
  ]);
}

/**
 * What External Secrets needs: to read the secrets that come into Kubernetes; where their names are too many for a policy,
 * all of the environment. Undefined: no secret comes into Kubernetes.
 *
 * @see https://external-secrets.io/latest/provider/aws-secrets-manager/
 */
export function operatorPolicy(declared: Declared): PolicyDocument | undefined {
  const { synced, secretKeys, region } = declared;
  if (synced.length === 0) return undefined;
  return withinLimit(declared, synced, (names) =>
    policyDocument([
      allow(
        "SecretsInKubernetes",
        ["DescribeSecret", "GetSecretValue"],
        names.map((name) => secretArn(declared, name)),
      ),
      ...keyStatements(secretKeys, declared, {
        sid: "KeysOfSecrets",
        actions: ["kms:Decrypt"],
        conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` } },
      }),
    ]),
  );
}

/** The key is used by the driver for each value and, through S3, for the whole object. */
function backupKey(declared: Declared, actions: readonly string[]): PolicyStatement[] {
  if (!declared.backup) return [];
  return keyStatements([declared.backup.key], declared, { sid: "KeyOfBackups", actions });
}

function allow(sid: string, actions: readonly string[], resource: string | readonly string[]): PolicyStatement {
  return statement(
    sid,
    actions.map((action) => `secretsmanager:${action}`),
    resource,
  );
}

function statement(sid: string, actions: readonly string[], resource: string | readonly string[]): PolicyStatement {
  return { Sid: sid, Effect: "Allow", Action: actions, Resource: resource };
}

function objectsIn({ bucket, prefix }: { bucket: string; prefix: string }, below?: string): string {
  return `arn:aws:s3:::${[bucket, prefix, ...(below === undefined ? [] : [below]), "*"].join("/")}`;
}

/** AWS puts a hyphen and six characters behind the name. */
function secretArn({ region, account }: Declared, name: string): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}${name.endsWith("*") ? "" : "-??????"}`;
}
