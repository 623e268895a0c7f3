import type { Ports } from "../ports";
import { type SecretDescription, type SecretsManager, versionWith } from "../ports/secretsManager";

/** What AWS says of its own rotation of a secret, and what is to be done about it. */
export interface AwsRotationStatus {
  readonly enabled: boolean;
  readonly lambdaArn?: string;
  /** ISO 8601; missing: never, or it does not say. */
  readonly lastRotatedAt?: string;
  /** ISO 8601: by then AWS has rotated it; missing: it is not to. */
  readonly nextRotationAt?: string;
  /** Missing: it is as it should be. `failed`: a rotation has not come through; `off`: none is set. */
  readonly problem?: { readonly what: "failed" | "off"; readonly message: string; readonly hint: string };
}

/** A function may run for fifteen minutes, and AWS begins again where it fails. */
const mayTakeMs = 3_600_000;

/**
 * Judges AWS's rotation by what it leaves: a version that stays pending, and a date of the next rotation that has passed.
 *
 * @param name  full name of the secret
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
 */
export async function awsRotationOf(
  name: string,
  live: SecretDescription,
  { secretsManager, clock }: { readonly secretsManager: Pick<SecretsManager, "createdAt"> } & Pick<Ports, "clock">,
): Promise<AwsRotationStatus> {
  const { rotation } = live;
  const enabled = rotation?.enabled ?? false;
  const problem = await problemOf(name, live, { secretsManager, clock });
  return {
    enabled,
    ...(rotation?.lambdaArn !== undefined && { lambdaArn: rotation.lambdaArn }),
    ...(rotation?.lastRotatedAt && { lastRotatedAt: rotation.lastRotatedAt.toISOString() }),
    ...(rotation?.nextRotationAt && { nextRotationAt: rotation.nextRotationAt.toISOString() }),
    ...(problem && { problem }),
  };
}

async function problemOf(
  name: string,
  live: SecretDescription,
  { secretsManager, clock }: { readonly secretsManager: Pick<SecretsManager, "createdAt"> } & Pick<Ports, "clock">,
): Promise<AwsRotationStatus["problem"]> {
  if (live.deletedAt) return undefined;
  const { rotation } = live;
  const isPast = (at: Date | undefined) => at !== undefined && clock.now().getTime() - at.getTime() > mayTakeMs;
  const log = logOf(rotation?.lambdaArn);
  const pending = unfinished(live);
  if (pending !== undefined) {
    // One that a function has not filled yet has no value that could date it.
    const since = (await secretsManager.createdAt(name, pending)) ?? live.changedAt;
    if (!isPast(since)) return undefined;
    const message = `AWS's rotation has not ended: version ${pending} is AWSPENDING since ${since?.toISOString()}`;
    const label = `aws secretsmanager update-secret-version-stage --secret-id ${name} --version-stage AWSPENDING --remove-from-version-id ${pending}`;
    const hint = `${log}; what it has done to the target is in the pending version. Then: ${label}; ${again(name)}`;
    return { what: "failed", message, hint };
  }
  if (!rotation?.enabled) {
    const message = "no rotation is set in AWS: nobody rotates it";
    const hint = `declare native on the secret and run pulumi up (it sets the rotation of a secret that has a value), or npm run rotation -- migrate NAME --to driver`;
    return { what: "off", message, hint };
  }
  if (!isPast(rotation.nextRotationAt)) return undefined;
  const last = rotation.lastRotatedAt?.toISOString() ?? "never";
  const message = `AWS was to rotate it by ${rotation.nextRotationAt?.toISOString()}, and has not (last rotated: ${last})`;
  return { what: "failed", message, hint: `${log}; then: ${again(name)}` };
}

/** The version of a rotation by AWS that is under way, or has failed: AWS begins no other one before it is gone. */
export function unfinished(live: Pick<SecretDescription, "stages">): string | undefined {
  const pending = versionWith("AWSPENDING", live);
  return pending === versionWith("AWSCURRENT", live) ? undefined : pending;
}

function again(name: string): string {
  return `aws secretsmanager rotate-secret --secret-id ${name}`;
}

function logOf(lambdaArn: string | undefined): string {
  const name = lambdaArn?.split(":")[6];
  if (name === undefined) return "see what CloudTrail says of its RotationFailed";
  return `see why in the function's log: aws logs tail /aws/lambda/${name}`;
}
