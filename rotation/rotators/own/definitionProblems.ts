import { z } from "zod";
import { type Problem, problemsOf } from "../../../infra/config/problem";
import { ownOverlaps, verbs } from "../../../infra/config/rotatorsSchema";
import type { WithSteps, WithStrategies } from "../defineRotator";
import type { RotatorSteps } from "./steps";
import { wrongSteps } from "./wrongSteps";

const callable = (what: string) => z.custom(isFunction, `must be a function: ${what}`);
const maybe = (what: string) => callable(what).optional();

const common = {
  kind: z.string("is needed: the name of the kind"),
  about: z.string("is needed: what such a secret is, e.g. a key of Acme's API").min(1, "must not be empty"),
  type: z.string().optional(),
  maxAgeDays: z.number("is needed: the age in days from which a secret is stale").int().min(1).max(3650),
  // Of whatever copy of zod.
  parameters: z
    .custom((schema) => isObject(schema) && isFunction(schema.safeParse) && isObject(schema.shape), {
      error: "must be a zod object, e.g. z.strictObject({account: z.string()})",
    })
    .optional(),
  reads: maybe("it gives the full names of the secrets that the steps read"),
  claims: maybe("it gives what only one secret of a stack may have"),
  waits: maybe("it gives how long the steps may wait, in seconds"),
  permissions: maybe("it gives what the steps do in AWS"),
};

const strategy = z.looseObject(
  { about: z.string("is needed"), steps: maybe("it gives the strategy"), watchedOnly: z.string().optional() },
  "must be an object with about, and steps or watchedOnly",
);

/** A row for each property that `defineRotator` takes. */
const ofSteps = {
  ...common,
  overlap: z.enum(ownOverlaps, `is needed: ${ownOverlaps.join(", ")}`),
  properties: z
    .array(z.string().min(1), "is needed: the properties of a credential, e.g. [id, key]")
    .min(1, "name at least one")
    .refine((names) => new Set(names).size === names.length, "says one twice"),
  steps: z.custom(isObject, "is needed: an object with the functions test, issue or create, …"),
  gracePeriod: maybe("it gives how long an older credential stays valid, in seconds"),
  unusedFor: maybe("it gives for how long an older credential is unused when it is revoked, in seconds"),
  secondaryFirst: maybe("it gives whether a new credential is known to all before it is used"),
  strategy: z.strictObject({ name: z.string().min(1), about: z.string().min(1) }).optional(),
  others: z.record(z.string(), strategy).optional(),
} satisfies Record<keyof WithSteps<z.ZodObject>, z.ZodType>;

const ofStrategies = {
  ...common,
  strategies: z.record(z.string(), strategy),
  runbook: maybe("it gives the runbook by which people rotate such a secret"),
} satisfies Record<keyof WithStrategies<z.ZodObject>, z.ZodType>;

/**
 * What is wrong with what a module gives to `defineRotator`: all that its types would say, for those who do not check them.
 *
 * @param at  its path in the configuration
 */
export function definitionProblems(definition: object, at: string): Problem[] {
  const schema = z.strictObject("strategies" in definition ? ofStrategies : ofSteps);
  const { error } = schema.safeParse(definition);
  return [...(error ? problemsOf(error, at) : []), ...stepProblems(definition, at)];
}

function stepProblems(definition: { steps?: unknown; overlap?: unknown }, at: string): Problem[] {
  const { steps } = definition;
  if (!isObject(steps)) return [];
  const unknown = Object.keys(steps).filter((name) => isFunction(steps[name]) && !isVerb(name));
  const has = new Set(verbs.filter((verb) => isFunction(steps[verb])));
  const overlap = ownOverlaps.find((known) => known === definition.overlap);
  return [
    ...unknown.map((name) => ({ path: `${at}.steps.${name}`, message: `is no step: choose from ${verbs.join(", ")}` })),
    ...verbs
      .filter((verb) => steps[verb] !== undefined && !has.has(verb))
      .map((verb) => ({ path: `${at}.steps.${verb}`, message: "must be a function" })),
    ...(overlap ? wrongSteps(overlap, has).map((message) => ({ path: `${at}.steps`, message })) : []),
  ];
}

function isVerb(name: string): name is keyof RotatorSteps {
  return (verbs as readonly string[]).includes(name);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
