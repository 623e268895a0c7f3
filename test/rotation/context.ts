import { randomBytes } from "node:crypto";
import { secretSchema } from "../../infra/config/secretSchema";
import { Findings } from "../../rotation/findings";
import type { Ports } from "../../rotation/ports";
import type { StrategyContext } from "../../rotation/strategies/strategy";

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
    cloudWatch: unused("cloudWatch"),
    cloudWatchLogs: unused("cloudWatchLogs"),
    sns: unused("sns"),
    sts: unused("sts"),
    awsCredentials: unused("awsCredentials"),
    clock: { now: () => new Date("2026-01-01T00:00:00Z") },
    random: randomBytes,
    ...some,
  };
}

/** A context for one declared secret, with nothing behind it but the given ports. */
export function context(declaration: object, some: Partial<Ports> = {}, rotatedAt?: Date): StrategyContext {
  const secret = secretSchema.parse({
    name: "shop/key",
    kind: "app",
    externalSecret: { target: "key", keys: [{ key: "KEY" }] },
    consumers: [{ namespace: "shop", name: "web", takes: "env" }],
    ...declaration,
  });
  return {
    secret,
    environment: "dev",
    fullName: `dev/${secret.name}`,
    arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:dev/${secret.name}-AbCdEf`,
    ports: ports(some),
    rotatedAt,
    emergency: false,
    findings: new Findings(),
  };
}
