import type { Diagnostic, Json, PolicyLevel, TestResource } from "./analyzer";

const msPerDay = 86_400_000;
const nearMidnightMs = 20_000;

/** An instant so many days before now, as a tag has it; negative days lie ahead. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * msPerDay).toISOString();
}

/** The UTC date so many days before now, as messages have it. */
export function dateDaysAgo(days: number): string {
  return daysAgo(days).slice(0, 10);
}

/**
 * The pack reads the clock by itself: a test that states an age must not run across midnight in UTC. A `before`
 * hook waits for it, which takes time in the last seconds of a day only.
 */
export async function awayFromMidnight(context: Mocha.Context): Promise<void> {
  const left = msPerDay - (Date.now() % msPerDay);
  if (left > nearMidnightMs) return;
  context.timeout(2 * nearMidnightMs);
  await new Promise((resolve) => setTimeout(resolve, left + 100));
}

export function secret(name: string, tags: Readonly<Record<string, string>>, props: Json = {}): TestResource {
  return {
    type: "aws:secretsmanager/secret:Secret",
    name: name.replace(/^[^/]+\//, ""),
    props: { name, tags, ...props },
  };
}

/** A Secret as infra/ declares it, rotated so many days ago. */
export function managedSecret(
  name: string,
  rotatedDaysAgo: number,
  tags: Readonly<Record<string, string>> = {},
): TestResource {
  const environment = name.slice(0, name.indexOf("/"));
  return secret(
    name,
    {
      "managed-by": "secret-rotation",
      environment,
      kind: "database",
      strategy: "alternating-users",
      "created-at": daysAgo(rotatedDaysAgo + 1),
      "rotated-at": daysAgo(rotatedDaysAgo),
      ...tags,
    },
    { kmsKeyId: "alias/secrets", recoveryWindowInDays: 30 },
  );
}

export const stackResource: TestResource = { type: "pulumi:pulumi:Stack", name: "secret-rotation-prod", props: {} };

/** Makes the expected diagnostics of a policy: the message begins with the policy's description. */
export function reporter(policy: string, description: string) {
  return (level: PolicyLevel, message: string): Diagnostic => ({
    policy,
    level,
    message: `${description}\n${message}`,
  });
}

export function ofPolicy(policy: string, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter((diagnostic) => diagnostic.policy === policy);
}
