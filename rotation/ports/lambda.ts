import {
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { LambdaConfiguration, LambdaFunctions } from "../consumers/awsPorts";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export function lambda(settings: AwsSettings): LambdaFunctions {
  const client = plainErrors(new LambdaClient(awsClient(settings, "lambda")));
  return {
    async configuration(FunctionName, Qualifier) {
      const asked = new GetFunctionConfigurationCommand({
        FunctionName,
        ...(Qualifier !== undefined && { Qualifier }),
      });
      const found = await client.send(asked).catch(unlessMissing);
      return found && configurationOf(found);
    },
    async alias(FunctionName, Name) {
      const found = await client.send(new GetAliasCommand({ FunctionName, Name })).catch(unlessMissing);
      const weights = Object.keys(found?.RoutingConfig?.AdditionalVersionWeights ?? {});
      return (
        found && { version: found.FunctionVersion ?? "", isWeighted: weights.length > 0, revisionId: found.RevisionId }
      );
    },
    async setVariables(FunctionName, variables, RevisionId) {
      const Environment = { Variables: { ...variables } };
      await client.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment,
          ...(RevisionId !== undefined && { RevisionId }),
        }),
      );
    },
    async publish(FunctionName, CodeSha256) {
      const { Version = "" } = await client.send(new PublishVersionCommand({ FunctionName, CodeSha256 }));
      return Version;
    },
    async moveAlias(FunctionName, Name, FunctionVersion, RevisionId) {
      const moved = { FunctionName, Name, FunctionVersion, ...(RevisionId !== undefined && { RevisionId }) };
      await client.send(new UpdateAliasCommand(moved));
    },
  };
}

function unlessMissing(error: Error): undefined {
  if (error.name === "ResourceNotFoundException") return undefined;
  throw error;
}

/** Those that an alias's version keeps, of whatever Lambda says of a function; their order in the answer does not count. */
const settings = [
  "Role",
  "Runtime",
  "Handler",
  "Timeout",
  "MemorySize",
  "PackageType",
  "Architectures",
  "Layers",
  "VpcConfig",
  "KMSKeyArn",
  "DeadLetterConfig",
  "TracingConfig",
  "FileSystemConfigs",
  "ImageConfigResponse",
  "EphemeralStorage",
  "LoggingConfig",
] as const satisfies readonly (keyof FunctionConfiguration)[];

function configurationOf(found: FunctionConfiguration): LambdaConfiguration {
  const { Environment, LastUpdateStatusReason, StateReason, RevisionId } = found;
  return {
    variables: Environment?.Error ? undefined : (Environment?.Variables ?? {}),
    codeSha256: found.CodeSha256 ?? "",
    settings: JSON.stringify(settings.map((name) => found[name] ?? null)),
    timeoutSeconds: found.Timeout ?? 3,
    modifiedAt: new Date(found.LastModified ?? 0),
    state: found.State ?? "Active",
    lastUpdate: found.LastUpdateStatus ?? "Successful",
    reason: LastUpdateStatusReason ?? StateReason ?? "",
    revisionId: RevisionId,
  };
}
