import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { load } from "js-yaml";
import { type Declared, declaredBy } from "../../../infra/access/declared";
import { nativePolicy } from "../../../infra/access/nativePolicy";
import { operatorPolicy, restorePolicy } from "../../../infra/access/otherPolicies";
import type { PolicyStatement } from "../../../infra/access/policyDocument";
import { rotationPolicy } from "../../../infra/access/rotationPolicy";
import { limits, PolicyTooLong } from "../../../infra/access/withinLimit";
import { metrics } from "../../../infra/names";
import { grantProblems } from "../../../policies/pack/accessProblems";
import { covers, statementsOf } from "../../../policies/pack/iam";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";

const repository = resolve(__dirname, "../../..");
const text = (file: string) => readFileSync(resolve(repository, file), "utf8");

describe("the policy that is built from what a stack declares", () => {
  const { config: values } = load(text("Pulumi.prod.yaml")) as { config: Record<string, unknown> };
  const surroundings = {
    account: "123456789012",
    backend: "s3://acme-pulumi-state/teams/shop?region=eu-west-1",
    secretsProvider: "awskms://alias/pulumi-prod?region=eu-west-1",
  };
  const config = readStackConfig("prod", values);
  const declared = declaredBy(config, surroundings);
  const { Statement: statements } = rotationPolicy(declared);
  const bySid = (sid: string) => statements.find(({ Sid }) => Sid === sid);
  const allows = (action: string, resource: string, all: readonly PolicyStatement[] = statements) =>
    all.some(
      ({ Action, Resource }) =>
        [Action].flat().some((pattern) => covers(pattern, action)) &&
        [Resource].flat().some((pattern) => covers(pattern, resource)),
    );
  const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;

  it("names the stack's secrets, and those that log in to databases for reading alone", () => {
    for (const { name } of config.secrets) {
      assert.ok(allows("secretsmanager:PutSecretValue", secret(`prod/${name}-AbCdEf`)), name);
    }
    assert.ok(allows("secretsmanager:GetSecretValue", secret("prod/orders/rotator-AbCdEf")));
    assert.ok(!allows("secretsmanager:PutSecretValue", secret("prod/orders/rotator-AbCdEf")));
  });

  it("reaches no secret beside them, none of another environment, account or region, and deletes none", () => {
    const others = [
      secret("prod/shop/orders-db-copy-AbCdEf"),
      secret("prod/billing/key-AbCdEf"),
      secret("staging/shop/orders-db-AbCdEf"),
      secret("prod/shop/orders-db-AbCdEf").replace("eu-west-1", "us-east-1"),
      secret("prod/shop/orders-db-AbCdEf").replace("123456789012", "210987654321"),
    ];
    for (const other of others) {
      for (const action of ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "DescribeSecret"])
        assert.ok(!allows(`secretsmanager:${action}`, other), other);
    }
    for (const action of [
      "secretsmanager:DeleteSecret",
      "secretsmanager:CreateSecret",
      "iam:PassRole",
      "kms:PutKeyPolicy",
    ])
      assert.ok(!allows(action, secret("prod/shop/orders-db-AbCdEf")), action);
    assert.ok(!allows("s3:DeleteObject", "arn:aws:s3:::acme-prod-secret-backups/secret-backups/prod/x"));
  });

  it("names buckets with their prefix and environment", () => {
    const state = "arn:aws:s3:::acme-pulumi-state/teams/shop/.pulumi";
    for (const file of ["stacks/secret-rotation/prod.json", "locks/organization/secret-rotation/prod/1.json"]) {
      assert.ok(allows("s3:PutObject", `${state}/${file}`), file);
      assert.ok(!allows("s3:PutObject", `${state.replace("/teams/shop", "")}/${file}`), file);
      assert.ok(!allows("s3:GetObject", `${state}/${file.replace("prod", "staging")}`), file);
    }
    assert.ok(allows("s3:GetObject", `${state}/meta.yaml`) && !allows("s3:PutObject", `${state}/meta.yaml`));
    assert.ok(allows("s3:PutObject", "arn:aws:s3:::acme-prod-secret-backups/secret-backups/prod/x"));
    assert.ok(!allows("s3:PutObject", "arn:aws:s3:::acme-prod-secret-backups/secret-backups/staging/x"));
    assert.ok(!allows("s3:GetObject", "arn:aws:s3:::acme-prod-secret-backups/secret-backups/prod/x"));
    assert.ok(allows("s3:PutObject", "arn:aws:s3:::acme-audit/secret-audit/prod/x"));
    assert.ok(!allows("s3:PutObject", "arn:aws:s3:::acme-audit/secret-audit/staging/x"));
    assert.ok(
      allows("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/secret-rotation:log-stream:x"),
    );
  });

  it("names a key by its alias in a condition, as IAM takes no alias for a resource", () => {
    const aliases = ["alias/shop-secrets", "alias/reports-secrets", "alias/ops-secrets"];
    const keys = bySid("KeysOfSecretsByAlias");
    assert.deepEqual(keys?.Condition?.["ForAnyValue:StringEquals"], { "kms:ResourceAliases": aliases });
    assert.equal(keys?.Resource, "arn:aws:kms:eu-west-1:123456789012:key/*");
    assert.deepEqual(bySid("KeyOfStateByAlias")?.Condition?.["ForAnyValue:StringEquals"], {
      "kms:ResourceAliases": ["alias/pulumi-prod"],
    });
    assert.equal(bySid("KeysOfSecrets"), undefined);
  });

  it("uses the secrets' keys by way of Secrets Manager and for the environment's secrets alone", () => {
    const { StringEquals, StringLike } = bySid("KeysOfSecretsByAlias")?.Condition ?? {};
    assert.deepEqual(StringEquals, { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" });
    assert.deepEqual(StringLike, { "kms:EncryptionContext:SecretARN": [secret("prod/*")] });
    const superusers = ["shared/rotator"];
    const { Statement } = rotationPolicy({ ...declared, superusers });
    assert.deepEqual(Statement.find(({ Sid }) => Sid === "KeysOfSecretsByAlias")?.Condition?.StringLike, {
      "kms:EncryptionContext:SecretARN": [secret("prod/*"), secret("shared/rotator-??????")],
    });
  });

  it("uses the backups' key for messages of the environment, and by way of S3 for the bucket", () => {
    const [own, inS3] = ["KeyOfBackupsByAlias", "KeyOfBackupsInS3ByAlias"].map(bySid);
    assert.deepEqual(own?.Condition?.StringEquals, { "kms:EncryptionContext:environment": "prod" });
    assert.deepEqual(inS3?.Condition?.StringEquals, { "kms:ViaService": "s3.eu-west-1.amazonaws.com" });
    const bucket = "arn:aws:s3:::acme-prod-secret-backups";
    assert.deepEqual(inS3?.Condition?.StringLike, { "kms:EncryptionContext:aws:s3:arn": [bucket, `${bucket}/*`] });
  });

  it("publishes metrics in one namespace, and notices to the declared topic and webhook", () => {
    assert.deepEqual(bySid("Metrics")?.Condition, { StringEquals: { "cloudwatch:namespace": "SecretRotation" } });
    const arn = "arn:aws:sns:eu-west-1:123456789012:secret-rotation";
    const sns = { topicArn: arn, kmsKeyId: "alias/notices" };
    const notify = { sns, webhook: { urlFrom: { secret: "shared/webhook" } } };
    const told = rotationPolicy(declaredBy({ ...config, notify }, surroundings)).Statement.slice(-3);
    assert.deepEqual(
      told.map(({ Sid, Action, Resource }) => [Sid, Action, Resource]),
      [
        [
          "Webhook",
          ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
          secret("shared/webhook-??????"),
        ],
        ["Notices", ["sns:Publish"], arn],
        ["KeyOfNoticesByAlias", ["kms:Decrypt", "kms:GenerateDataKey"], "arn:aws:kms:eu-west-1:123456789012:key/*"],
      ],
    );
  });

  it("gives the backups to whoever restores, and to nobody else", () => {
    const restore = restorePolicy(declared)?.Statement ?? [];
    const backup = "arn:aws:s3:::acme-prod-secret-backups/secret-backups/prod/x";
    assert.ok(allows("s3:GetObject", backup, restore));
    assert.deepEqual(
      restore.flatMap(({ Action }) => Action),
      ["s3:ListBucket", "s3:GetObject", "kms:Decrypt", "kms:Decrypt"],
    );
    const prefix = { StringLike: { "s3:prefix": "secret-backups/prod/*" } };
    assert.deepEqual(restore.find(({ Sid }) => Sid === "BackupsThereAre")?.Condition, prefix);
    assert.equal(restorePolicy({ ...declared, backup: undefined }), undefined);
  });

  it("lets whoever sets AWS's rotation do that for these secrets, and nobody who rotates", () => {
    const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:rotate";
    const role = "arn:aws:iam::123456789012:role/rotate";
    const native = { native: ["prod/shop/partner"], rotationFunctions: [lambda], rotationRoles: [role] };
    const found = nativePolicy({ ...declared, ...native })?.Statement ?? [];
    assert.deepEqual(
      found.map(({ Action, Resource }) => [Action, Resource]),
      [
        [["secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"], [secret("prod/shop/partner-??????")]],
        [["lambda:InvokeFunction"], [lambda]],
        [["iam:PassRole"], [role]],
      ],
    );
    assert.deepEqual(found[2]?.Condition, { StringEquals: { "iam:PassedToService": "secretsmanager.amazonaws.com" } });
    assert.ok(
      !rotationPolicy({ ...declared, ...native }).Statement.some(({ Action }) => Action.includes("iam:PassRole")),
    );
    assert.equal(nativePolicy(declared), undefined);
  });

  it("lets External Secrets read what comes into Kubernetes, and write nothing", () => {
    const operator = operatorPolicy(declared)?.Statement ?? [];
    assert.ok(allows("secretsmanager:GetSecretValue", secret("prod/shop/orders-db-AbCdEf"), operator));
    assert.ok(!allows("secretsmanager:GetSecretValue", secret("prod/ops/bastion-ssh-AbCdEf"), operator));
    assert.ok(!allows("secretsmanager:GetSecretValue", secret("prod/orders/rotator-AbCdEf"), operator));
    assert.deepEqual(
      operator.flatMap(({ Action }) => Action),
      ["secretsmanager:GetSecretValue", "kms:Decrypt"],
    );
    assert.deepEqual(operator[1]?.Condition?.StringEquals, {
      "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
    });
    assert.equal(operatorPolicy({ ...declared, synced: [] }), undefined);
  });

  it("leaves out what the stack does not declare", () => {
    const bare: Declared = {
      ...declared,
      ...{ permissions: [], superusers: [], secretKeys: [], consumers: [], state: undefined, stateKey: undefined },
      ...{ backup: undefined, audit: undefined, logGroup: undefined, metricNamespace: undefined, topic: undefined },
    };
    assert.deepEqual(
      rotationPolicy(bare).Statement.map(({ Sid }) => Sid),
      ["WhatSecretsThereAre", "SecretsOfTheStack", "StatusAndCheck"],
    );
    assert.deepEqual(
      declaredBy(config, { ...surroundings, backend: "file:///srv/pulumi", secretsProvider: "passphrase" }),
      {
        ...declared,
        ...{ state: undefined, stateKey: undefined },
      },
    );
  });

  it("takes the environment's prefix where the names are too many for IAM, and the tag with it", () => {
    const secrets = Array.from({ length: 100 }, (_, i) => `prod/team-${i}/a-secret-with-a-name`);
    const policy = rotationPolicy({ ...declared, secrets });
    assert.ok(JSON.stringify(policy).length <= 6144);
    const values = policy.Statement.find(({ Sid }) => Sid === "SecretsOfTheStack");
    assert.deepEqual(values?.Resource, [secret("prod/*")]);
    assert.deepEqual(values?.Condition?.StringEquals, { "secretsmanager:ResourceTag/managed-by": "secret-rotation" });
  });

  it("is longer in a role's own policies, and refused where the prefix does not help", () => {
    const secrets = Array.from({ length: 25 }, (_, i) => `prod/team-${i}/a-secret-with-a-name-of-its-own`);
    const many = { ...declared, secrets };
    assert.ok(JSON.stringify(rotationPolicy(many, limits.inline)).includes(secret(`${secrets[0]}-??????`)));
    assert.ok(!JSON.stringify(rotationPolicy(many)).includes(secret(`${secrets[0]}-??????`)));
    const superusers = Array.from({ length: 120 }, (_, i) => `prod/databases/cluster-${i}/superuser`);
    assert.throws(
      () => rotationPolicy({ ...declared, superusers }, limits.inline),
      (error) =>
        error instanceof PolicyTooLong &&
        /has \d{5} characters even with the environment's prefix .* IAM takes 10240: let the secrets share/.test(
          error.message,
        ),
    );
  });

  it("allows what the steps of kinds do in AWS, for what the declarations name", () => {
    const secrets = ["uploader", "ci/deployer"].map((user, i) => ({
      ...{ name: `shop/user-${i}`, kind: "api-key", consumers: [{ namespace: "shop", name: "web", takes: "env" }] },
      ...{ externalSecret: { target: `user-${i}`, keys: [{ key: "KEY" }] }, "api-key": { issuer: { iam: { user } } } },
    }));
    const own = { "aws:region": "eu-west-1", "secret-rotation:secrets": secrets };
    const { Statement } = rotationPolicy(declaredBy(readStackConfig("prod", own), surroundings));
    const users = ["uploader", "ci/deployer"].map((user) => `arn:aws:iam::123456789012:user/${user}`);
    assert.deepEqual(
      Statement.filter(({ Action }) => [Action].flat().some((action) => action.startsWith("iam:"))),
      [
        {
          ...{ Sid: "AccessKeysOfUsers", Effect: "Allow", Resource: users },
          Action: ["CreateAccessKey", "DeleteAccessKey", "GetAccessKeyLastUsed", "ListAccessKeys"].map(
            (one) => `iam:${one}`,
          ),
        },
      ],
    );
  });

  it("is what the policy pack takes for least privilege", () => {
    const document = JSON.stringify(rotationPolicy(declared));
    assert.deepEqual(grantProblems(statementsOf(document) ?? []), []);
  });

  it("has what a kind's steps do beside reading secrets, and the pack takes that too", () => {
    const resources = ["arn:aws:route53:::hostedzone/Z0123456789"];
    const records = { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] };
    const condition = { "ForAllValues:StringEquals": records };
    const permissions = [{ sid: "Prove", actions: ["route53:ChangeResourceRecordSets"], resources, condition }];
    const document = rotationPolicy({ ...declared, permissions });
    const found = document.Statement.find(({ Sid }) => Sid === "Prove");
    assert.deepEqual(
      [found?.Action, found?.Resource, found?.Condition],
      [["route53:ChangeResourceRecordSets"], resources, condition],
    );
    assert.deepEqual(grantProblems(statementsOf(JSON.stringify(document)) ?? []), []);
  });

  describe("with consumers in AWS", () => {
    const consumers = [
      { kind: "EcsService", cluster: "shop", name: "web" },
      { kind: "EcsService", cluster: "shop", name: "worker" },
      { kind: "LambdaFunction", name: "orders", alias: "live" },
      { kind: "LambdaFunction", name: "report" },
    ];
    const secrets = [
      { name: "shop/one", kind: "app", consumers },
      { name: "shop/two", kind: "app", consumers: consumers.slice(0, 1) },
    ];
    const { "secret-rotation:access": _, ...others } = values;
    const own = declaredBy(readStackConfig("prod", { ...others, "secret-rotation:secrets": secrets }), surroundings);
    const { Statement } = rotationPolicy(own);
    const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;
    const may = (action: string, resource: string) => allows(action, resource, Statement);

    it("restarts those that are declared, and no others", () => {
      for (const name of ["web", "worker"]) {
        for (const action of ["DescribeServices", "TagResource", "UpdateService"]) {
          assert.ok(may(`ecs:${action}`, arn("ecs", `service/shop/${name}`)), `${action} ${name}`);
        }
      }
      assert.ok(!may("ecs:UpdateService", arn("ecs", "service/shop/other")));
      assert.ok(!may("ecs:RegisterTaskDefinition", arn("ecs", "task-definition/web:1")));
      for (const name of ["orders", "report"]) {
        assert.ok(may("lambda:UpdateFunctionConfiguration", arn("lambda", `function:${name}`)), name);
      }
      assert.ok(may("lambda:PublishVersion", arn("lambda", "function:orders")));
      assert.ok(may("lambda:UpdateAlias", arn("lambda", "function:orders:live")));
      assert.ok(!may("lambda:PublishVersion", arn("lambda", "function:report")));
      assert.ok(!may("lambda:UpdateFunctionConfiguration", arn("lambda", "function:orders-copy")));
      assert.ok(!may("lambda:UpdateFunctionCode", arn("lambda", "function:orders")));
    });

    it("is least privilege too", () => {
      const document = JSON.stringify(rotationPolicy(own));
      assert.deepEqual(grantProblems(statementsOf(document) ?? []), []);
    });
  });

  it("is what infra/permissions has, with words to fill in", () => {
    const template: Declared = {
      ...{ region: "REGION", account: "ACCOUNT", environment: "ENVIRONMENT", secrets: ["ENVIRONMENT/*"], synced: [] },
      ...{ native: [], rotationFunctions: [], rotationRoles: [] },
      superusers: ["SUPERUSER_SECRET"],
      permissions: [],
      consumers: [],
      secretKeys: [{ kind: "id", id: "KMS_KEY_ID_OF_THE_SECRETS" }],
      state: { bucket: "STATE_BUCKET", prefix: ".pulumi" },
      stateKey: { kind: "id", id: "KEY_OF_THE_SECRETS_PROVIDER" },
      backup: { bucket: "BACKUP_BUCKET", prefix: "secret-backups", key: { kind: "id", id: "KEY_OF_THE_BACKUPS" } },
      audit: { bucket: "AUDIT_BUCKET", prefix: "secret-audit" },
      logGroup: "LOG_GROUP",
      ...{ stack: "STACK", metricNamespace: metrics.namespace, webhook: undefined },
      topic: { arn: "arn:aws:sns:REGION:ACCOUNT:TOPIC", key: { kind: "id", id: "KEY_OF_THE_TOPIC" } },
    };
    assert.deepEqual(
      JSON.parse(text("infra/permissions/aws.json")),
      JSON.parse(JSON.stringify(rotationPolicy(template))),
    );
    assert.deepEqual(
      JSON.parse(text("infra/permissions/aws-restore.json")),
      JSON.parse(JSON.stringify(restorePolicy(template))),
    );
  });
});
