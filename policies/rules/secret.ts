import { projectName, tags } from "./names";

/** What the rules know of one secret; never its value. */
export interface SecretFacts {
  /** Full name in Secrets Manager, e.g. `prod/shop/orders-db`. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** When Secrets Manager says it was created; used where the tag `created-at` is missing. */
  readonly createdAt?: Date;
}

/** The run that looks at it. */
export interface Run {
  readonly now: Date;
  /** The stack, for the command that cures. */
  readonly stack: string;
  /** The environment of a secret without the tag `environment`. */
  readonly environment: string;
}

/** One thing that is wrong; `level` is set only where it is never more than advice. */
export interface Violation {
  readonly message: string;
  readonly level?: "advisory";
}

/** What one policy says of one thing: `names` are those by which exceptions may name it, the first one for people. */
export interface Checked {
  readonly names: readonly string[];
  readonly violations: readonly Violation[];
  /** The resource at fault, where it is another one than that which is being looked at. */
  readonly urn?: string;
}

export function environmentOf(secret: SecretFacts, run: Run): string {
  return secret.tags[tags.environment] ?? run.environment;
}

/** The name as commands and configuration write it, without the environment's prefix. */
export function shortName(secret: SecretFacts, run: Run): string {
  const prefix = `${environmentOf(secret, run)}/`;
  return secret.name.startsWith(prefix) ? secret.name.slice(prefix.length) : secret.name;
}

/** Both names of a secret: configuration may use either. */
export function namesOf(secret: SecretFacts, run: Run): readonly string[] {
  return [...new Set([secret.name, shortName(secret, run)])];
}

/** Whether this software looks after the secret, as its tags say. */
export function isManaged(secret: SecretFacts): boolean {
  return secret.tags[tags.managedBy] === projectName || secret.tags[tags.kind] !== undefined;
}

/** What to do about an old secret, as one sentence: the command, or for other strategies whoever rotates it. */
export function cureOf(secret: SecretFacts, run: Run): string {
  const strategy = secret.tags[tags.strategy];
  if (strategy === "native") return `Run: aws secretsmanager rotate-secret --secret-id ${secret.name}`;
  if (strategy === "manual") {
    const record = `npm run rotation -- record ${shortName(secret, run)} --stack ${run.stack} --reason TEXT`;
    return `Rotate it by hand, by the runbook ${runbookOf(secret)}, then run: ${record}`;
  }
  return `Run: ${rotateCommand(shortName(secret, run), run.stack)}`;
}

/** The runbook by which people rotate a secret: its tag's, or else one that is called by its kind. */
export function runbookOf({ tags: said }: Pick<SecretFacts, "tags">): string {
  return said[tags.runbook] ?? `${said[tags.kind] ?? "secret"}-rotation`;
}

export function rotateCommand(name: string, stack: string): string {
  return `npm run rotate -- ${name} --stack ${stack}`;
}
