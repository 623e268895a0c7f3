import { randomBytes } from "node:crypto";
import { parseSecret } from "../../infra/config/parseSecret";
import type { Rotators } from "../../infra/config/rotator";
import { consumerKinds } from "../../rotation/consumers";
import { Findings } from "../../rotation/findings";
import type { Ports } from "../../rotation/ports";
import { builtIn } from "../../rotation/rotators";
import type { StrategyContext } from "../../rotation/rotators/protocol";

/** A port that is not expected to be used: whatever is asked of it fails the test. */
function unused<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_, property) => {
      throw new Error(`${name}.${String(property)} is not expected to be used`);
    },
  });
}

export function ports(some: Partial<Ports> = {}): Ports {
  return {
    secretsManager: unused("secretsManager"),
    postgres: unused("postgres"),
    dns: unused("dns"),
    kubernetes: unused("kubernetes"),
    s3: unused("s3"),
    kms: unused("kms"),
    kmsKeys: unused("kmsKeys"),
    kmsSigning: unused("kmsSigning"),
    cloudWatch: unused("cloudWatch"),
    cloudWatchLogs: unused("cloudWatchLogs"),
    ecs: unused("ecs"),
    lambda: unused("lambda"),
    sns: unused("sns"),
    sts: unused("sts"),
    iam: unused("iam"),
    awsCredentials: unused("awsCredentials"),
    childProcess: unused("childProcess"),
    http: unused("http"),
    tls: unused("tls"),
    acme: unused("acme"),
    challengeServer: unused("challengeServer"),
    route53: unused("route53"),
    clock: { now: () => new Date("2026-01-01T00:00:00Z") },
    random: randomBytes,
    ...some,
  };
}

/** A context for one declared secret, with nothing behind it but the given ports. */
export function context(
  declaration: object,
  some: Partial<Ports> = {},
  rotatedAt?: Date,
  rotators: Rotators = builtIn,
): StrategyContext {
  const declared = {
    name: "shop/key",
    kind: "app",
    externalSecret: { target: "key", keys: [{ key: "KEY" }] },
    consumers: [{ namespace: "shop", name: "web", takes: "env" }],
    ...declaration,
  };
  const { secret, problems } = parseSecret(declared, { rotators, consumerKinds }, "secret");
  if (!secret) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join("; "));
  return {
    secret,
    environment: "dev",
    fullName: `dev/${secret.name}`,
    arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:dev/${secret.name}-AbCdEf`,
    ports: ports(some),
    rotatedAt,
    emergency: false,
    reloaded: new Map(),
    findings: new Findings(),
  };
}
