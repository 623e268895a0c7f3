import { randomUUID } from "node:crypto";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { region } from "./project";

/** A function that is there to be named. Nothing runs it: moto would want Docker. @returns its ARN */
export async function rotationFunction(name: string): Promise<string> {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? "";
  // Without Docker moto calls every run of a function a success.
  const config = JSON.stringify({ lambda: { use_docker: false } });
  const told = await fetch(`${endpoint}/moto-api/config`, { method: "POST", body: config });
  if (!told.ok) throw new Error(`moto takes no configuration: ${told.status}`);
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const { Role } = await new IAMClient({ region }).send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }),
  );
  const { FunctionArn } = await new LambdaClient({ region }).send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: Role?.Arn,
      Runtime: "python3.13",
      Handler: "rotate.handler",
      Code: { ZipFile: Buffer.from("nothing") },
    }),
  );
  if (FunctionArn === undefined) throw new Error("moto has made no function");
  return FunctionArn;
}

const manager = () => new SecretsManagerClient({ region });

/** The step `createSecret` of a rotation function: the value as AWSPENDING. @returns its version id */
export async function begunByAws(secret: string, value: string, token: string): Promise<string> {
  const pending = { SecretString: value, ClientRequestToken: token, VersionStages: ["AWSPENDING"] };
  await manager().send(new PutSecretValueCommand({ SecretId: secret, ...pending }));
  return token;
}

/** All steps, as AWS's own functions end them: AWSCURRENT is on the new version, and AWSPENDING on none. @returns its version id */
export async function rotatedByAws(secret: string, value: string, token: string): Promise<string> {
  const { VersionIdsToStages = {} } = await manager().send(new DescribeSecretCommand({ SecretId: secret }));
  const current = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes("AWSCURRENT"));
  await begunByAws(secret, value, token);
  const move = { SecretId: secret, VersionStage: "AWSCURRENT", MoveToVersionId: token };
  await manager().send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: current }));
  const done = { SecretId: secret, VersionStage: "AWSPENDING", RemoveFromVersionId: token };
  await manager().send(new UpdateSecretVersionStageCommand(done));
  return token;
}

/** The first value, which somebody puts by hand: AWS rotates nothing that has none. @returns its version id */
export async function putFirst(secret: string, value: string): Promise<string> {
  const { VersionId = "" } = await manager().send(new PutSecretValueCommand({ SecretId: secret, SecretString: value }));
  return VersionId;
}

/** A rotation that somebody sets in the console, to begin in a month. What moto leaves of the test that AWS does then is taken away. */
export async function setInConsole(secret: string, lambda: string): Promise<void> {
  const { VersionIdsToStages = {} } = await manager().send(new DescribeSecretCommand({ SecretId: secret }));
  const [both] = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes("AWSPENDING")) ?? [];
  const label = { SecretId: secret, VersionStage: "AWSPENDING" };
  if (both !== undefined)
    await manager().send(new UpdateSecretVersionStageCommand({ ...label, RemoveFromVersionId: both }));
  const ClientRequestToken = randomUUID();
  const rules = { RotationLambdaARN: lambda, RotationRules: { AutomaticallyAfterDays: 30 }, RotateImmediately: false };
  await manager().send(new RotateSecretCommand({ SecretId: secret, ClientRequestToken, ...rules }));
  await manager().send(new UpdateSecretVersionStageCommand({ ...label, RemoveFromVersionId: ClientRequestToken }));
}
