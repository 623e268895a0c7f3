import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { awsConsumerTitle, fullName, tags, workloadTitle } from "../../infra/names";
import { againstAwsConsumer } from "../consumers/awsRuns";
import { failureOf } from "../failureOf";
import { type AwsRotationStatus, awsRotationOf } from "../plan/awsRotation";
import { isInterrupted } from "../plan/found";
import type { Ports } from "../ports";
import { type SecretDescription, versionWith } from "../ports/secretsManager";
import { againstRunning, holdsContent } from "../reloader/runsWith";
import { expectedData } from "../rotators/common/expectedData";

/** Whether a secret's current version is what its consumers run with. */
export interface Verification {
  readonly secret: string;
  readonly strategy: string;
  readonly verified: boolean;
  /** Of AWSCURRENT. */
  readonly versionId?: string;
  /** The tag; ISO 8601. */
  readonly rotatedAt?: string;
  /** Of strategy native. */
  readonly byAws?: AwsRotationStatus;
  /** Sentences without a full stop. */
  readonly proved: readonly string[];
  readonly problems: readonly Problem[];
}

interface Problem {
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
}

type Asked = Pick<Ports, "secretsManager" | "kubernetes" | "clock" | "ecs" | "lambda">;

/**
 * Follows a secret's current version from AWS to the pods of its consumers, and changes nothing. Of one that AWS rotates: whether it
 * did, too.
 */
export async function verify(secret: SecretDeclaration, config: StackConfig, ports: Asked): Promise<Verification> {
  const base = { secret: secret.name, strategy: secret.strategy };
  try {
    const name = fullName(config.environment, secret.name);
    const live = await ports.secretsManager.describe(name);
    const found = live ? await lookedAt(secret, config, live, ports) : { proved: [], problems: [notThere(config)] };
    return { ...base, verified: found.problems.length === 0, ...found };
  } catch (error) {
    const { message, hint } = failureOf(error, { secret: secret.name, step: "verify" });
    return { ...base, verified: false, proved: [], problems: [{ message, ...(hint !== undefined && { hint }) }] };
  }
}

type Looked = Omit<Verification, "secret" | "strategy" | "verified">;

async function lookedAt(
  secret: SecretDeclaration,
  config: StackConfig,
  live: SecretDescription,
  ports: Asked,
): Promise<Looked> {
  const name = fullName(config.environment, secret.name);
  const versionId = versionWith("AWSCURRENT", live);
  const byAws = secret.strategy === "native" ? await awsRotationOf(name, live, ports) : undefined;
  const rotatedAt = live.tags[tags.rotatedAt];
  const known = { ...(byAws && { byAws }), ...(rotatedAt !== undefined && { rotatedAt }) };
  const ofAws = byAws?.problem ? [{ message: byAws.problem.message, hint: byAws.problem.hint }] : [];
  if (live.deletedAt) {
    const hint = `aws secretsmanager restore-secret --secret-id ${name}`;
    const message = `it is scheduled for deletion (${live.deletedAt.toISOString()})`;
    return { ...known, proved: [], problems: [{ message, hint }] };
  }
  const value = versionId && (await ports.secretsManager.value(name, versionId));
  if (versionId === undefined || value === undefined) {
    const message = "it has no current version with a text";
    return { ...known, proved: [], problems: [...ofAws, { message, hint: "rotate it, or put its first value" }] };
  }
  const isStamped = live.tags[tags.rotatedVersion] === versionId;
  const cluster = await inCluster(secret, config, { versionId, value, isStamped }, ports);
  const inAws = await inAwsItself(secret, config, versionId, ports);
  const stamp = ofStamp(secret, live, versionId, config);
  const proved = [
    ...(byAws?.enabled && !byAws.problem ? [awsText(byAws)] : []),
    ...(stamp ? [] : [`the version ${versionId} is stamped as brought to its consumers`]),
    ...cluster.proved,
    ...inAws.proved,
  ];
  return {
    ...known,
    versionId,
    proved,
    problems: [...ofAws, ...(stamp ? [stamp] : []), ...cluster.problems, ...inAws.problems],
  };
}

function awsText({ lastRotatedAt, nextRotationAt }: AwsRotationStatus): string {
  const next = nextRotationAt === undefined ? "" : `, and will by ${nextRotationAt}`;
  return `${lastRotatedAt === undefined ? "AWS is to rotate it" : `AWS has rotated it at ${lastRotatedAt}`}${next}`;
}

/** What the tags say of the version; undefined: it went through all gates. */
function ofStamp(
  { name, strategy }: SecretDeclaration,
  live: SecretDescription,
  versionId: string,
  { stack }: StackConfig,
): Problem | undefined {
  if (live.tags[tags.rotatedVersion] === versionId) return undefined;
  const hint = `npm run rotate -- ${name} --stack ${stack}`;
  if (strategy === "native")
    return { message: "AWS has rotated it, and no run has followed yet", hint: `${hint} follows` };
  if (strategy === "manual") return undefined;
  const isOwn = isInterrupted(versionId, live);
  const message = isOwn ? "its rotation is interrupted" : "no rotation has written its current version";
  return { message, hint };
}

/** What Kubernetes has of it. */
async function inCluster(
  secret: SecretDeclaration,
  { environment, stack }: StackConfig,
  { versionId, value, isStamped }: { readonly versionId: string; readonly value: string; readonly isStamped: boolean },
  { kubernetes }: Asked,
): Promise<{ proved: string[]; problems: Problem[] }> {
  const [proved, problems]: [string[], Problem[]] = [[], []];
  const namespaces = namespacesOf(secret);
  if (namespaces.length === 0) return { proved, problems };
  const expected = expectedData({ secret }, "verify", value);
  const target = secret.externalSecret?.target ?? "";
  const again = `npm run rotate -- ${secret.name} --stack ${stack}`;
  for (const namespace of namespaces) {
    const title = `the Kubernetes Secret ${namespace}/${target}`;
    if (holdsContent(await kubernetes.secret(namespace, target), expected)) {
      proved.push(`${title} holds it`);
      continue;
    }
    const status = await kubernetes.externalSecretStatus(namespace, target);
    const hint = `External Secrets reads every ${secret.externalSecret?.refreshInterval} s; ${again} has it read at once`;
    problems.push({ message: `${title} does not hold it: ${status}`, hint });
  }
  for (const consumer of secret.consumers) {
    const against = await againstRunning({ secret, environment, versionId, expected, isStamped }, consumer, kubernetes);
    const title = workloadTitle(consumer);
    if (against === undefined) proved.push(`${title} runs with it`);
    else problems.push({ message: `${title}: ${against}`, hint: `${again} restarts what does not run with it` });
  }
  return { proved, problems };
}

/** What of its consumers runs in AWS. */
async function inAwsItself(
  secret: SecretDeclaration,
  { environment, stack }: StackConfig,
  versionId: string,
  ports: Asked,
): Promise<{ proved: string[]; problems: Problem[] }> {
  const [proved, problems]: [string[], Problem[]] = [[], []];
  for (const consumer of secret.awsConsumers) {
    const now = ports.clock.now();
    const against = await againstAwsConsumer({ environment, secret, versionId, now }, consumer, ports);
    const title = awsConsumerTitle(consumer);
    const hint = `npm run rotate -- ${secret.name} --stack ${stack} restarts what does not run with it`;
    if (against === undefined) proved.push(`${title} runs with it`);
    else problems.push({ message: `${title}: ${against}`, hint });
  }
  return { proved, problems };
}

function notThere({ named }: StackConfig): Problem {
  return { message: "there is no such secret in AWS", hint: `run pulumi up --stack ${named} first` };
}
