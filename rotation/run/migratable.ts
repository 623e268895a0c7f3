import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { fullName, tags } from "../../infra/names";
import { phaseFactsIn } from "../../policies/rules/phases";
import type { RunAudit } from "../audit/runAudit";
import { UsageError, withHint } from "../errors";
import type { Interruption } from "../interruption";
import { silent } from "../observer";
import { unfinished } from "../plan/awsRotation";
import { isInterrupted } from "../plan/found";
import { planAll } from "../plan/planAll";
import type { Ports } from "../ports";
import { type SecretDescription, versionWith } from "../ports/secretsManager";
import type { OpenStack } from "../stack/openStack";
import type { RecordedStack } from "../stack/recordedStack";
import type { ConfigurationChange, MigrationOptions } from "./migration";

export interface MigrateRequest {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly secret: SecretDeclaration;
  readonly options: MigrationOptions;
  readonly interruption: Interruption;
  /** Whether to do it; else it is previewed. */
  readonly isMeant: boolean;
  /** Undefined: the stack declares no audit trail. */
  readonly audit: RunAudit | undefined;
}

/**
 * What the secret itself has against it.
 *
 * @returns the version id of AWSCURRENT
 * @throws {UsageError}
 */
export function readyToMigrate(
  { secret, open, options }: MigrateRequest,
  { declaration }: ConfigurationChange,
  recorded: RecordedStack,
  live: SecretDescription | undefined,
): string {
  const { named, environment } = open.config;
  const refuse = (what: string, hint: string) =>
    new UsageError(withHint(`${secret.name}: ${what}; nothing was changed`, hint));
  const [type, then] = [secret.native?.external?.type, declaration.native?.external?.type];
  if (type !== then) {
    const hint = "declare another one for it under a new name, have its consumers take that, and let this one go";
    throw refuse(
      `it has the type ${type ?? "of an ordinary secret"}, and AWS never changes the type of a secret`,
      hint,
    );
  }
  const again = `npm run rotate -- ${secret.name} --stack ${named}`;
  if (!live || live.deletedAt || !recorded.get(secret.name)?.provisioned) {
    throw refuse("the stack has not provisioned it, or it is gone", `run pulumi up --stack ${named} first`);
  }
  const current = versionWith("AWSCURRENT", live);
  if (current === undefined) throw refuse("it has no value", `give it one first: ${again}, or put-secret-value`);
  const pending = unfinished(live);
  if (pending !== undefined && !(live.stages[pending] ?? []).includes("AWSPREVIOUS")) {
    throw refuse(`a rotation is under way, or has failed: version ${pending} is AWSPENDING`, `let it end: ${again}`);
  }
  const stamped = live.tags[tags.rotatedVersion];
  // Of one that the driver never rotated, a value that was put by hand goes to AWS.
  if (options.to === "driver" ? stamped !== current : stamped !== undefined && isInterrupted(current, live)) {
    throw refuse("its current version has not been brought to its consumers", `finish that first: ${again}`);
  }
  if (phaseFactsIn(live.tags).retirePending) {
    throw refuse("its older credential has still to be retired", `after its grace period: ${again}`);
  }
  if (options.to === "native") refuseNative(declaration, live, fullName(environment, secret.name), refuse);
  return current;
}

function refuseNative(
  { native }: SecretDeclaration,
  { rotation }: SecretDescription,
  name: string,
  refuse: (what: string, hint: string) => UsageError,
): void {
  if (!native && !rotation?.enabled) {
    const when = "--automatically-after 30d, or --schedule and --window";
    throw refuse(
      "no rotation is set in AWS, and none is declared",
      `name the function by --lambda ARN, and when by ${when}`,
    );
  }
  const isOther = rotation?.enabled && native && rotation.lambdaArn !== native.lambda;
  if (!isOther) return;
  const by = rotation.lambdaArn ?? "AWS itself";
  const hint = `name that function, leave --lambda out, or cancel it first: aws secretsmanager cancel-rotate-secret --secret-id ${name}`;
  throw refuse(`somebody has set another rotation in AWS, by ${by}`, hint);
}

/** What would stop a rotation by the driver. @returns what somebody should look at @throws {UsageError} */
export async function driverCan(
  { open, ports }: MigrateRequest,
  { config, declaration }: ConfigurationChange,
  recorded: RecordedStack,
): Promise<readonly string[]> {
  const request = { open: { ...open, config }, ports, secrets: [declaration], takesOver: true };
  const { refused, findings, stop } = await planAll(request, recorded, silent);
  const error = stop ?? refused.get(declaration.name);
  if (error) {
    const hint = "hint" in error ? error.hint : undefined;
    throw new UsageError(withHint(`the driver could not rotate it: ${error.message}; nothing was changed`, hint));
  }
  return findings.get(declaration.name)?.warnings ?? [];
}
