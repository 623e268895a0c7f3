import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "./config/stackConfig";
import type { HeldVersions } from "./heldVersions";
import { fullName, secretUrn } from "./names";
import type { RecordedResources } from "./recordedResources";

/**
 * Refuses, before any resource is declared, a configuration by which the stack would delete a secret that has a value: one
 * that is no longer declared, or that would be replaced by one with another name or in another region. `mayDelete` names
 * those that may go.
 *
 * @throws {RunError} with every such secret and what to do
 */
export function refuseLoss(config: StackConfig, { secrets }: RecordedResources, held: HeldVersions): void {
  const lost = [...secrets].flatMap(([name, { arn }]) => {
    const why = whyLost(config, name, arn);
    const versions = held.get(name);
    const may = versions?.size === 0 || config.mayDelete.includes(nameIn(arn));
    const untold = versions === undefined ? " (AWS does not say whether it has a value)" : "";
    return why === undefined || may ? [] : [{ arn, why: `${why}${untold}` }];
  });
  if (lost.length === 0) return;
  const { stack } = config;
  const names = lost.map(({ arn }) => nameIn(arn)).join(", ");
  throw new pulumi.RunError(
    [
      "this update would delete secrets that have a value. Nothing was changed.",
      ...lost.map(({ arn, why }) => `  ${nameIn(arn)}: ${why}`),
      `To let one go all the same, name it in Pulumi.${stack}.yaml, e.g. secret-rotation:mayDelete: [${names}].`,
    ].join("\n"),
  );
}

/** Why the stack would delete it; undefined: it stays. */
function whyLost({ stack, environment, region, secrets }: StackConfig, name: string, arn: string): string | undefined {
  const recorded = nameIn(arn);
  if (!secrets.some((secret) => secret.name === name)) {
    const urn = secretUrn(stack, name);
    return `it is no longer declared. Declare it again; to let it go also run pulumi state unprotect '${urn}' --stack ${stack}`;
  }
  if (recorded !== fullName(environment, name)) {
    const before = recorded.slice(0, -`/${name}`.length);
    const cure = `pulumi config set secret-rotation:environment ${before} --stack ${stack}`;
    return `the environment is ${environment} now (by default it is the stack's name). To keep the secret: ${cure}`;
  }
  const regionBefore = arn.split(":")[3];
  if (regionBefore === region) return undefined;
  return `the region is ${region} now. To keep the secret: pulumi config set aws:region ${regionBefore} --stack ${stack}`;
}

/** arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX, the last six characters being random. */
function nameIn(arn: string): string {
  return arn.split(":").slice(6).join(":").slice(0, -"-XXXXXX".length);
}
