import type { z } from "zod";
import type { ConsumerKinds } from "./consumerKind";
import { parseConsumers } from "./parseConsumers";
import { type Problem, problemsOf } from "./problem";
import type { Rotator, Rotators } from "./rotator";
import { problemsOfSecret } from "./rules";
import { commonSchema, type SecretDeclaration } from "./secretSchema";

interface Parsed {
  /** Undefined: its mistakes leave no declaration. */
  readonly secret: SecretDeclaration | undefined;
  /** Every one at once. */
  readonly problems: readonly Problem[];
}

/**
 * Reads one entry of `secret-rotation:secrets`: the fields that every kind has, and under its kind's name the block that
 * this kind's rotator wants.
 *
 * @param at  its path, e.g. `secrets[2]`
 */
export function parseSecret(
  raw: unknown,
  { rotators, consumerKinds }: { readonly rotators: Rotators; readonly consumerKinds: ConsumerKinds },
  at: string,
): Parsed {
  const { fields, blocks } = divided(raw, rotators);
  const common = commonSchema.safeParse(fields);
  const problems = common.success ? [] : problemsOf(common.error, at);
  const { consumers: listed } = (fields ?? {}) as { consumers?: unknown };
  const consumers = parseConsumers(Array.isArray(listed) ? listed : [], consumerKinds, `${at}.consumers`);
  problems.push(...consumers.problems);
  const kind = typeof fields === "object" ? (fields as { kind?: unknown } | null)?.kind : undefined;
  const rotator = typeof kind === "string" ? rotators.get(kind) : undefined;
  if (typeof kind === "string" && !rotator) {
    const message = `there is no kind ${kind}: choose from ${[...rotators.keys()].join(", ")}`;
    problems.push({ path: `${at}.kind`, message });
  }
  if (!rotator) return { secret: undefined, problems };
  const asked = (fields as { strategy?: unknown }).strategy ?? Object.keys(rotator.strategies)[0];
  const strategy = typeof asked === "string" && Object.hasOwn(rotator.strategies, asked) ? asked : undefined;
  if (typeof asked === "string" && strategy === undefined) {
    const choice = Object.keys(rotator.strategies).join(", ");
    problems.push({ path: `${at}.strategy`, message: `kind ${kind} has no strategy ${asked}: choose from ${choice}` });
  }
  const block = blockOf(blocks, rotator, strategy, at);
  problems.push(...block.problems);
  if (!common.success || strategy === undefined || problems.length > 0) return { secret: undefined, problems };
  const { parameters } = block;
  const secret: SecretDeclaration = {
    ...common.data,
    consumers: consumers.consumers,
    awsConsumers: consumers.awsConsumers,
    strategy,
    maxAgeDays: common.data.maxAgeDays ?? rotator.maxAgeDays,
    kindMaxAgeDays: rotator.maxAgeDays,
    waitSeconds: rotator.waits?.({ parameters }) ?? 0,
    parameters,
  };
  return { secret, problems: problemsOfSecret(secret, rotators, at) };
}

/** The kinds' blocks apart from the rest. */
function divided(raw: unknown, rotators: Rotators): { fields: unknown; blocks: ReadonlyMap<string, unknown> } {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { fields: raw, blocks: new Map() };
  const entries = Object.entries(raw);
  const isBlock = ([key]: [string, unknown]) => rotators.get(key)?.parameters !== undefined;
  return {
    fields: Object.fromEntries(entries.filter((entry) => !isBlock(entry))),
    blocks: new Map(entries.filter(isBlock)),
  };
}

/** The parameters of a secret. They are needed wherever the driver rotates it. */
function blockOf(
  blocks: ReadonlyMap<string, unknown>,
  { kind, parameters: schema, strategies }: Rotator,
  strategy: string | undefined,
  at: string,
): { parameters?: unknown; problems: Problem[] } {
  const problems: Problem[] = [...blocks.keys()]
    .filter((other) => other !== kind)
    .map((other) => ({ path: `${at}.${other}`, message: `belongs to kind ${other}; this secret has kind ${kind}` }));
  const block = blocks.get(kind);
  const rotates = strategy !== undefined && "steps" in (strategies[strategy] ?? {});
  if (!schema || (block === undefined && !rotates)) return { problems };
  const parsed = schema.safeParse(block ?? {});
  if (parsed.success) return { parameters: parsed.data, problems };
  if (block !== undefined) return { problems: [...problems, ...problemsOf(parsed.error, `${at}.${kind}`)] };
  const watched = "manual" in strategies ? "; or say strategy: manual, and only its age is watched" : "";
  const message = `is needed for kind ${kind}: ${required(schema).join(", ")}${watched}`;
  return { problems: [...problems, { path: `${at}.${kind}`, message }] };
}

/** The fields that have no default. */
function required(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) =>
    (field as z.ZodType).safeParse(undefined).success ? [] : [name],
  );
}
