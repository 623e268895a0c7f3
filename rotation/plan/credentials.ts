import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { longestRunSeconds } from "../../infra/longestRun";
import { UsageError, withHint } from "../errors";
import type { Findings } from "../findings";
import type { Ports } from "../ports";

/**
 * Whether the AWS credentials last for a run over these secrets. Those that Pulumi's provider and the driver renew by
 * themselves do.
 *
 * @param findings  those of the run
 * @returns why the run is not to begin; undefined: they last, or it is not known
 */
export async function credentialsLast(
  secrets: readonly SecretDeclaration[],
  { awsCredentials, clock }: Pick<Ports, "awsCredentials" | "clock">,
  findings: Findings,
): Promise<UsageError | undefined> {
  // Whoever uses them says what is wrong with them.
  const life = await awsCredentials.current().catch(() => undefined);
  if (life === undefined) findings.unknown("how long the AWS credentials last");
  else if (life.expiresAt === undefined) {
    if (life.temporary) findings.unknown("how long the AWS credentials last: AWS_CREDENTIAL_EXPIRATION is not set");
    else findings.fact("the AWS credentials are an access key, which does not expire");
  } else if (life.fixed) return judged(life.expiresAt, longestRunSeconds(secrets), clock.now(), findings);
  else findings.fact("the AWS credentials are renewed during the run");
  return undefined;
}

function judged(expiresAt: Date, runSeconds: number, now: Date, findings: Findings): UsageError | undefined {
  const leftSeconds = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  const needs = `this run may take ${minutes(runSeconds)}`;
  if (leftSeconds >= runSeconds) {
    findings.fact(`the AWS credentials last for ${minutes(leftSeconds)} more, and ${needs}`);
    return undefined;
  }
  const says = `AWS_CREDENTIAL_EXPIRATION says ${expiresAt.toISOString()}`;
  const what =
    leftSeconds <= 0
      ? `the AWS credentials have expired (${says})`
      : `the AWS credentials last for ${minutes(leftSeconds)} more (${says}), and ${needs}`;
  return new UsageError(withHint(`${what}; nothing was changed`, advice));
}

const advice = [
  "log in to AWS again, or unset AWS_CREDENTIAL_EXPIRATION where it is of older credentials; for longer sessions raise",
  "the role's MaxSessionDuration (GitHub Actions: role-duration-seconds of configure-aws-credentials), use a profile,",
  "which is renewed, or lower rolloutTimeout and syncTimeout of the secrets",
].join(" ");

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
