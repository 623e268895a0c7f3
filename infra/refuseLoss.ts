import type { StackConfig } from "./config/stackConfig";
import type { HeldVersions } from "./heldVersions";
import { fullName } from "./names";
import type { RecordedResources } from "./recordedResources";
import { refusal } from "./refusal";
import { secretUrn } from "./urns";

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
    return why === undefined || may ? [] : [{ name, arn, why: `${why}${untold}` }];
  });
  if (lost.length === 0) return;
  const { stack } = config;
  const names = lost.map(({ arn }) => nameIn(arn)).join(", ");
  throw refusal(
    [
      "this update would delete secrets that have a value. Nothing was changed.",
      ...lost.map(({ arn, why }) => `  ${nameIn(arn)}: ${why}`),
      `To let one go all the same, name it in Pulumi.${stack}.yaml, e.g. secret-rotation:mayDelete: [${names}], and run:`,
      ...lost.map(({ name }) => `  pulumi state unprotect '${secretUrn(stack, name)}' --stack ${stack}`),
    ].join("\n"),
  );
}

/** Why the stack would delete this recorded Secret, be it to make another in its place; undefined: it stays. */
export function whyLost(
  { stack, environment, region, secrets }: StackConfig,
  name: string,
  arn: string,
): string | undefined {
  const recorded = nameIn(arn);
  if (!secrets.some((secret) => secret.name === name)) {
    return "it is no longer declared. To keep it, declare it again";
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
