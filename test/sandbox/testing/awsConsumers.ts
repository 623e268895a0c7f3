import type { ECS } from "@aws-sdk/client-ecs";
import type { IAM } from "@aws-sdk/client-iam";
import type { Lambda } from "@aws-sdk/client-lambda";

/** A ZIP file with nothing in it. */
const emptyZip = Buffer.from("PK\u0005\u0006".padEnd(22, "\0"), "latin1");

/**
 * Makes a service `web` in a cluster of this name, and functions of Lambda: `called`, and `released` with an alias `live`. moto ends
 * a deployment at once, and publishes versions as Lambda does. Of tasks and environments there are none.
 */
export async function createAwsConsumers(
  { ecs, lambda, iam }: { readonly ecs: ECS; readonly lambda: Lambda; readonly iam: IAM },
  name: string,
): Promise<void> {
  await ecs.createCluster({ clusterName: name });
  const containerDefinitions = [{ name: "main", image: "local", memory: 64 }];
  await ecs.registerTaskDefinition({ family: name, containerDefinitions });
  await ecs.createService({ cluster: name, serviceName: "web", taskDefinition: name, desiredCount: 0 });
  const assume = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
  };
  const AssumeRolePolicyDocument = JSON.stringify(assume);
  const { Role } = await iam.createRole({ RoleName: `${name}-functions`, AssumeRolePolicyDocument });
  for (const FunctionName of ["called", "released"]) {
    await lambda.createFunction({
      ...{ FunctionName, Role: Role?.Arn, Runtime: "nodejs22.x", Handler: "index.handler", Timeout: 1 },
      ...{ Code: { ZipFile: emptyZip }, Environment: { Variables: { OWN: "stays" } } },
    });
  }
  const { Version } = await lambda.publishVersion({ FunctionName: "released" });
  await lambda.createAlias({ FunctionName: "released", Name: "live", FunctionVersion: Version });
}
