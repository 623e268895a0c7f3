import type { z } from "zod";
import type { AwsPermission, Rotator, Strategy } from "../../infra/config/rotator";
import type { ownStrategy as build } from "./own/ownStrategy";
import type { RotatorSteps } from "./own/steps";
import type { Overlap, RotationStrategy } from "./protocol";

/** What every kind says. */
interface Common<Schema extends z.ZodObject>
  extends Omit<Rotator, "type" | "parameters" | "strategies" | "reads" | "permissions" | "runbook"> {
  /** What `--type` calls it; default: the kind's own name. */
  readonly type?: string;
  /** Of the block under the kind's name; default: there is none. */
  readonly parameters?: Schema;
  /** Full names or ARNs of the secrets that its steps read beside its own: whoever rotates may read them. */
  reads?(parameters: z.output<Schema>): readonly string[];
  /** What its steps do in AWS beside that: whoever rotates is allowed it. */
  permissions?(parameters: z.output<Schema>): readonly AwsPermission[];
}

/** A kind with strategies that drive themselves: those that come with the project. */
export interface WithStrategies<Schema extends z.ZodObject> extends Common<Schema> {
  readonly strategies: Readonly<Record<string, Strategy<RotationStrategy>>>;
  /** Of a kind that people rotate. @param parameters  undefined: the declaration has no block */
  runbook?(parameters: z.output<Schema> | undefined): string | undefined;
}

/** A kind of few steps. How it is rolled back, restored, resumed and retired follows from the overlap. */
export interface WithSteps<Schema extends z.ZodObject> extends Common<Schema> {
  /**
   * What the target accepts meanwhile. `two-live`: the issuer keeps two until one is revoked; `one-live`: exactly one, `set`
   * by us; `expiring`: each until it expires; `consumers-only`: nothing outside has to accept it.
   */
  readonly overlap: Exclude<Overlap, "alternating">;
  /** Of its credential, e.g. `["id", "key"]`: stored as a JSON object, whose other properties stay as they are. */
  readonly properties: readonly string[];
  readonly steps: RotatorSteps<z.output<Schema>>;
  /** `two-live`: how long the older credential stays valid at least, in seconds; default: 7 days. */
  gracePeriod?(parameters: z.output<Schema>): number;
  /**
   * `two-live` with `lastUsed`: an older credential that was used after the new one took over is revoked when it was not
   * used for so long, in seconds; default: the grace period, and a day at least.
   */
  unusedFor?(parameters: z.output<Schema>): number | undefined;
  /**
   * `two-live`: whether the new credential is stored beside the one in use first, as `keySecondary` and the like, and takes
   * over after the grace period, for those that others hold too; default: it is used at once.
   */
  secondaryFirst?(parameters: z.output<Schema>): boolean;
  /** What its strategy is called, and what a rotation does; default: the overlap's name. */
  readonly strategy?: { readonly name: string; readonly about: string };
  /** Strategies beside that one, by name. */
  readonly others?: Readonly<Record<string, Strategy<RotationStrategy>>>;
}

export type Definition<Schema extends z.ZodObject = z.ZodObject> = WithStrategies<Schema> | WithSteps<Schema>;

const definitions = new WeakMap<object, Definition>();

/** What a rotator was made of; undefined: `defineRotator` has not made it. */
export function definitionOf(rotator: object): Definition | undefined {
  return definitions.get(rotator);
}

const defaultGraceSeconds = 7 * 86_400;
/** So that what runs once a day is seen. */
const leastUnusedSeconds = 86_400;

/**
 * A kind of secret.
 *
 * @example
 * export default defineRotator({
 *   kind: "acme-key",
 *   about: "a key of Acme's API",
 *   maxAgeDays: 90,
 *   parameters: z.strictObject({ account: z.string(), admin: z.string() }),
 *   reads: ({ admin }) => [admin],
 *   overlap: "two-live",
 *   properties: ["id", "key"],
 *   steps: { issue, test, revoke, find },
 * });
 */
export function defineRotator<Schema extends z.ZodObject = z.ZodObject>(
  definition: Definition<Schema>,
): Rotator<RotationStrategy> {
  const { kind, about, maxAgeDays, parameters, reads, permissions, claims, waits, type = kind } = definition;
  const runbook = "strategies" in definition ? definition.runbook : undefined;
  const rotator = Object.freeze<Rotator<RotationStrategy>>({
    ...{ kind, about, maxAgeDays, type, parameters },
    ...(claims && { claims }),
    ...(waits && { waits }),
    ...(reads && { reads: ({ parameters: given }) => (given ? reads(given as z.output<Schema>) : []) }),
    ...(permissions && {
      permissions: ({ parameters: given }) => (given ? permissions(given as z.output<Schema>) : []),
    }),
    ...(runbook && { runbook: ({ parameters: given }) => runbook(given as z.output<Schema> | undefined) }),
    strategies: "strategies" in definition ? definition.strategies : strategiesOf(definition),
  });
  definitions.set(rotator, definition as unknown as Definition);
  return rotator;
}

function strategiesOf<Schema extends z.ZodObject>(
  definition: WithSteps<Schema>,
): Rotator<RotationStrategy>["strategies"] {
  const { overlap, about, others } = definition;
  const { strategy = { name: overlap, about: `makes a new one: ${about}` } } = definition;
  return { [strategy.name]: { about: strategy.about, steps: stepsOf(definition) }, ...others };
}

function stepsOf<Schema extends z.ZodObject>(definition: WithSteps<Schema>): () => RotationStrategy {
  const { overlap, properties, steps, secondaryFirst } = definition;
  const gracePeriod = (given: unknown) => definition.gracePeriod?.(given as z.output<Schema>) ?? defaultGraceSeconds;
  const unusedFor = (given: unknown) =>
    definition.unusedFor?.(given as z.output<Schema>) ?? Math.max(gracePeriod(given), leastUnusedSeconds);
  return () => {
    const { ownStrategy } = require("./own/ownStrategy") as { ownStrategy: typeof build };
    return ownStrategy({
      overlap,
      properties,
      steps: steps as RotatorSteps,
      ...(secondaryFirst && { secondaryFirst: (given) => secondaryFirst(given as z.output<Schema>) }),
      ...{ gracePeriod, unusedFor },
    });
  };
}
