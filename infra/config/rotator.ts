import type { z } from "zod";
import type { Problem } from "./problem";
import type { SecretDeclaration } from "./secretSchema";

/** Something that only one secret of a stack may have: where it is declared twice, the second one is told the first. */
export interface Claim {
  /** The same for two declarations of the same thing. */
  readonly key: string;
  /** Within the declaration, e.g. `database.roles`. */
  readonly path: string;
  /** For the message, e.g. `the role orders_a of the same server`. */
  readonly what: string;
}

/** One way in which a kind is rotated. */
export type Strategy<Steps = unknown> = {
  /** What a rotation does, as a sentence without its end. */
  readonly about: string;
  /** What a declaration must fulfil beyond the shape of its fields. */
  problems?(secret: SecretDeclaration, at: string): readonly Problem[];
} & (
  | {
      /** Loads the code that rotates. It is asked for when a secret is rotated, so that the Pulumi program needs none of it. */
      steps(): Steps;
    }
  | {
      /** Why the driver does not rotate it: such a secret is provisioned, and its age is watched. */
      readonly watchedOnly: string;
      /**
       * Somebody else writes its values, and the driver brings each new one to the consumers: loads the code for that. Left out:
       * it is watched alone.
       */
      follows?(): Steps;
    }
);

/** What the steps of a kind do in AWS, for the policy of whoever rotates. */
export interface AwsPermission {
  /** Of the statement; that of several secrets are one statement. */
  readonly sid: string;
  /** E.g. `iam:CreateAccessKey`. */
  readonly actions: readonly string[];
  /** ARNs, in which `{account}` and `{region}` stand for the stack's. */
  readonly resources: readonly string[];
  /** By operator, by condition key; the same in all statements of one sid. */
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What one kind of secret says of itself. `defineRotator` makes one. */
export interface Rotator<Steps = unknown> {
  /** Its name in declarations and tags, e.g. `database`; a declaration has its parameters under this name. */
  readonly kind: string;
  /** What such a secret is, as a sentence without its end. */
  readonly about: string;
  /** What `--type` calls it, e.g. `app-secrets`; several kinds may share one. */
  readonly type: string;
  /** Age of AWSCURRENT, in days, from which a secret is stale, unless its declaration says otherwise. */
  readonly maxAgeDays: number;
  /** Of the block under the kind's name; undefined: it has none. */
  readonly parameters: z.ZodObject | undefined;
  /** By name, the default first. */
  readonly strategies: Readonly<Record<string, Strategy<Steps>>>;
  claims?(secret: SecretDeclaration): readonly Claim[];
  /** How long its steps may wait at most, in seconds, e.g. for sessions to end; default: not at all. */
  waits?(secret: Pick<SecretDeclaration, "parameters">): number;
  /** The runbook by which people rotate it, for its tag; undefined: it is called by its kind. */
  runbook?(secret: Pick<SecretDeclaration, "parameters">): string | undefined;
  /** Full names or ARNs of the secrets that its steps read beside its own: whoever rotates may read them. */
  reads?(secret: SecretDeclaration): readonly string[];
  /** What its steps do in AWS beside that. */
  permissions?(secret: SecretDeclaration): readonly AwsPermission[];
}

/** The kinds that a stack knows, by name. */
export type Rotators = ReadonlyMap<string, Rotator>;

/** @throws Error for a kind or a strategy that the configuration would not have let pass */
export function strategyOf(
  rotators: Rotators,
  { kind, strategy }: Pick<SecretDeclaration, "kind" | "strategy">,
): Strategy {
  const found = rotators.get(kind)?.strategies[strategy];
  if (!found) throw new Error(`kind ${kind} has no strategy ${strategy}`);
  return found;
}
