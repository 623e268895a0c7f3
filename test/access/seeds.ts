import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { ECS } from "@aws-sdk/client-ecs";
import type { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { workloads } from "../integration/workloads";
import type { Sandbox } from "../sandbox/sandbox";
import { createAwsConsumers } from "../sandbox/testing/awsConsumers";
import { asSuperuser } from "../sandbox/testing/superuser";
import { account, clusterIssuer, reader, region, stack, strange, uploader } from "./names";

/** What is there before the stack is: other teams' buckets, keys, log group and consumers in AWS, and the cluster as an identity provider. */
export async function seedAws(root: { endpoint: string; region: string }, iam: IAM): Promise<void> {
  const s3 = new S3({ ...root, forcePathStyle: true });
  for (const Bucket of ["guarded-state", "guarded-audit"]) {
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } });
  }
  const kms = new KMS(root);
  for (const AliasName of ["alias/guarded-state", "alias/guarded-secrets"]) {
    const { KeyMetadata } = await kms.createKey({});
    await kms.createAlias({ AliasName, TargetKeyId: KeyMetadata?.KeyId });
  }
  await createAwsConsumers({ ecs: new ECS(root), lambda: new Lambda(root), iam }, stack);
  await new CloudWatchLogs(root).createLogGroup({ logGroupName: "/guarded/rotation" });
  await iam.createOpenIDConnectProvider({ Url: clusterIssuer, ClientIDList: ["sts.amazonaws.com"] });
  await iam.createUser({ UserName: uploader });
  await new SecretsManager(root).createSecret({ Name: strange, SecretString: "of somebody else" });
}

/** @returns the path of a kubeconfig of the service account that the stack's RoleBindings name */
export async function seedCluster(sandbox: Sandbox): Promise<string> {
  const cluster = workloads(sandbox.env.KUBECONFIG);
  await cluster.createNamespace(stack);
  await cluster.deploy(stack, "web", { env: { name: "KEY", secret: "key", key: "KEY" } });
  const config = new KubeConfig();
  config.loadFromFile(sandbox.env.KUBECONFIG ?? "");
  const core = config.makeApiClient(CoreV1Api);
  const role = `arn:aws:iam::${account}:role/secret-rotation-${stack}-operator`;
  const annotations = { "eks.amazonaws.com/role-arn": role };
  await core.createNamespacedServiceAccount({ namespace: stack, body: { metadata: { name: reader, annotations } } });
  await core.createNamespacedServiceAccount({ namespace: stack, body: { metadata: { name: "rotator" } } });
  const { status } = await core.createNamespacedServiceAccountToken({
    ...{ namespace: stack, name: "rotator", body: { spec: { audiences: [clusterIssuer] } } },
  });
  const current = config.getCurrentCluster();
  if (!current) throw new Error("the kubeconfig names no cluster");
  config.loadFromClusterAndUser(current, { name: "rotator", token: status?.token ?? "" });
  const file = join(sandbox.dir, "rotator.kubeconfig");
  writeFileSync(file, config.exportConfig(), { mode: 0o600 });
  await asSuperuser(
    `CREATE ROLE guarded NOLOGIN; GRANT CONNECT ON DATABASE shop TO guarded;
    GRANT guarded TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
    sandbox.env,
  );
  return file;
}
