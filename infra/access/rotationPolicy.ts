import { projectName, tags } from "../names";
import type { Declared } from "./declared";
import { keyStatements } from "./keys";
import { type PolicyDocument, type PolicyStatement, policyDocument } from "./policyDocument";
import { allow, bucketArn, keyOfBackups, keysOfSecrets, listing, objectsIn, secretArn } from "./statements";
import { limits, withinLimit } from "./withinLimit";

/**
 * The policy of the role that runs rotations: these secrets, places and keys, nothing of another environment, and no
 * deletion but in the state's bucket, whose lock is an object.
 *
 * Where the names of the secrets are too many for a policy, the environment's prefix stands for them; the tag of the stack's
 * own secrets narrows that for whatever reads or writes a value.
 *
 * @param limit  characters that the policy may have
 * @throws {PolicyTooLong}
 */
export function rotationPolicy(declared: Declared, limit: number = limits.managed): PolicyDocument {
  return withinLimit(declared, declared.secrets, limit, (names) => policyDocument(statementsOf(declared, names)));
}

function statementsOf(declared: Declared, names: readonly string[]): (PolicyStatement | undefined)[] {
  const { environment, superusers, stateKey, backup, audit, logGroup, region, account } = declared;
  const secrets = names.map((name) => secretArn(declared, name));
  const ofStack = { StringEquals: { [`secretsmanager:ResourceTag/${tags.managedBy}`]: projectName } };
  return [
    secrets.length > 0
      ? allow("WhatSecretsThereAre", manager("DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"), secrets)
      : undefined,
    secrets.length > 0
      ? allow(
          "SecretsOfTheStack",
          manager("GetSecretValue", "PutSecretValue", "TagResource", "UpdateSecret", "UpdateSecretVersionStage"),
          secrets,
          ofStack,
        )
      : undefined,
    superusers.length > 0
      ? allow(
          "RotatorsOfDatabases",
          manager("DescribeSecret", "GetSecretValue"),
          superusers.map((name) => secretArn(declared, name)),
        )
      : undefined,
    ...issuerStatements(declared),
    ...declared.consumers.map(({ actions, resources }, i) => allow(`Consumers${i + 1}`, actions, resources)),
    allow("StatusAndCheck", manager("ListSecrets"), "*"),
    ...keysThereAre(declared),
    ...keysOfSecrets(declared, ["kms:Decrypt", "kms:GenerateDataKey"], superusers),
    ...stateStatements(declared),
    ...keyStatements(stateKey ? [stateKey] : [], declared, { sid: "KeyOfState", actions: ["kms:Decrypt"] }),
    backup && allow("Backups", ["s3:PutObject"], objectsIn(backup, environment)),
    ...keyOfBackups(declared, ["kms:GenerateDataKey"]),
    audit && listing("RecordsThereAre", audit, environment),
    audit && allow("Audit", ["s3:GetObject", "s3:PutObject"], objectsIn(audit, environment)),
    logGroup === undefined
      ? undefined
      : allow(
          "AuditLogs",
          ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"],
          `arn:aws:logs:${region}:${account}:log-group:${logGroup}:*`,
        ),
    ...tellingStatements(declared),
  ];
}

function manager(...actions: readonly string[]): string[] {
  return actions.map((action) => `secretsmanager:${action}`);
}

/** What the kinds' own steps do in AWS, a statement for each name of one. */
function issuerStatements({ permissions, account, region }: Declared): PolicyStatement[] {
  const named = (text: string) => text.replaceAll("{account}", account).replaceAll("{region}", region);
  return [...new Set(permissions.map(({ sid }) => sid))].map((sid) => {
    const own = permissions.filter((one) => one.sid === sid);
    const all = (of: (one: (typeof own)[number]) => readonly string[]) => [...new Set(own.flatMap(of))];
    return allow(
      sid,
      all(({ actions }) => actions),
      all(({ resources }) => resources.map(named)),
      own[0]?.condition,
    );
  });
}

/** Whether a key is enabled is asked before it is used. */
function keysThereAre(declared: Declared): PolicyStatement[] {
  const { secretKeys, backup } = declared;
  const keys = [...secretKeys, ...(backup ? [backup.key] : [])];
  return keyStatements(keys, declared, { sid: "KeysThereAre", actions: ["kms:DescribeKey"] });
}

/**
 * The files of one stack. Of the bucket's others Pulumi reads what says how the bucket is divided.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/store.go
 */
function stateStatements({ state, stack }: Declared): PolicyStatement[] {
  if (!state) return [];
  const at = `${bucketArn(state)}/${state.prefix}`;
  const own = ["history", "backups", "locks/organization"].map((folder) => `${at}/${folder}/${projectName}/${stack}/*`);
  return [
    allow("StacksThereAre", ["s3:ListBucket"], bucketArn(state)),
    allow("HowTheStateIsDivided", ["s3:GetObject"], `${at}/meta.yaml`),
    allow(
      "State",
      ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      [...[".json*", ".pulumi-tags"].map((end) => `${at}/stacks/${projectName}/${stack}${end}`), ...own],
    ),
  ];
}

/** Whom a run tells how it went. */
function tellingStatements(declared: Declared): PolicyStatement[] {
  const { metricNamespace, topic, webhook, region } = declared;
  return [
    ...(metricNamespace === undefined
      ? []
      : [
          allow("Metrics", ["cloudwatch:PutMetricData"], "*", {
            StringEquals: { "cloudwatch:namespace": metricNamespace },
          }),
        ]),
    ...(webhook === undefined
      ? []
      : [allow("Webhook", manager("DescribeSecret", "GetSecretValue"), secretArn(declared, webhook))]),
    ...(topic ? [allow("Notices", ["sns:Publish"], topic.arn)] : []),
    ...keyStatements(topic?.key ? [topic.key] : [], declared, {
      sid: "KeyOfNotices",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      conditions: { StringEquals: { "kms:ViaService": `sns.${region}.amazonaws.com` } },
    }),
  ];
}
