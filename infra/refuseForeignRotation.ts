import * as secretsmanager from "@pulumi/aws/secretsmanager";
import type { StackConfig } from "./config/stackConfig";
import { fullName } from "./names";
import type { RecordedResources } from "./recordedResources";
import { refusal } from "./refusal";

/**
 * Refuses, before any resource is declared, to set AWS's rotation of a secret for which somebody else has set another one, in the
 * console, say: the provider would write over it without a word. One with the same function is taken over.
 *
 * @throws {RunError} with every such secret and what to do
 */
export async function refuseForeignRotation(
  { environment, secrets }: StackConfig,
  { secrets: recorded, rotations }: RecordedResources,
): Promise<void> {
  const looked = secrets.map(async ({ name, native }) => {
    const arn = recorded.get(name)?.arn;
    if (!native || arn === undefined || rotations.has(name)) return [];
    const set = await rotationOf(arn);
    if (!set?.rotationEnabled || set.rotationLambdaArn === (native.lambda ?? "")) return [];
    const by = set.rotationLambdaArn ? `the function ${set.rotationLambdaArn}` : "AWS itself";
    return [{ name: fullName(environment, name), by }];
  });
  const foreign = (await Promise.all(looked)).flat();
  if (foreign.length === 0) return;
  throw refusal(
    [
      "this update would take a secret from the rotation that somebody else has set in AWS. Nothing was changed.",
      ...foreign.map(({ name, by }) => `  ${name}: is rotated by ${by}`),
      "Declare that function as native.lambda, leave native out so that it stays as it is, or cancel it first:",
      ...foreign.map(({ name }) => `  aws secretsmanager cancel-rotate-secret --secret-id ${name}`),
    ].join("\n"),
  );
}

/** Undefined: AWS does not tell, and says why when the rotation is set. */
async function rotationOf(secretId: string) {
  return secretsmanager.getSecretRotation({ secretId }).catch(() => undefined);
}
