import { stripVTControlCharacters } from "node:util";
import type { Problem } from "../../../infra/config/problem";
import type { Rotator } from "../../../infra/config/rotator";
import { type Definition, defineRotator, definitionOf } from "../defineRotator";
import { definitionProblems, isObject } from "./definitionProblems";

/**
 * Loads the module of a kind of one's own: its default export, or the one that `defineRotator` has made. A plain object with
 * the same properties does as well.
 *
 * @param file  absolute
 * @param kind  the name that it has to have; undefined: any
 * @param at  where it is named, for the problems' paths
 * @returns the rotator, or all that is wrong with it
 */
export function loadRotator(
  file: string,
  { kind, at }: { kind?: string; at: string },
): { rotator: Rotator | undefined; problems: readonly Problem[] } {
  const wrong = (message: string) => ({ rotator: undefined, problems: [{ path: at, message }] });
  const path = resolved(file);
  if (path === undefined) return wrong(`there is no file ${file}`);
  let exported: unknown;
  try {
    exported = require(path);
  } catch (error) {
    return wrong(`${file} cannot be loaded: ${firstWords(error)}`);
  }
  const definition = definitionIn(exported);
  if (definition === undefined) return wrong(`${file} exports no rotator: export default defineRotator({…})`);
  if (definition === "several") return wrong(`${file} exports several rotators: make one of them the default`);
  const problems = definitionProblems(definition, at);
  const named = "kind" in definition && typeof definition.kind === "string" ? definition.kind : undefined;
  if (kind !== undefined && named !== undefined && named !== kind) {
    problems.push({ path: `${at}.kind`, message: `is ${named} in ${file}: it has to be ${kind}, as it is named here` });
  }
  if (problems.length > 0) return { rotator: undefined, problems };
  return { rotator: defineRotator(definition as Definition), problems };
}

function resolved(file: string): string | undefined {
  try {
    return require.resolve(file);
  } catch {
    return undefined;
  }
}

function definitionIn(exported: unknown): object | "several" | undefined {
  if (!isObject(exported)) return undefined;
  const byDefault = isObject(exported.default) ? (definitionOf(exported.default) ?? exported.default) : undefined;
  if (byDefault) return byDefault;
  const made = new Set(
    [exported, ...Object.values(exported)].flatMap((one) => (isObject(one) ? (definitionOf(one) ?? []) : [])),
  );
  if (made.size > 1) return "several";
  const [only] = made;
  return only ?? ("kind" in exported ? exported : undefined);
}

/** No stack trace, no colours. */
function firstWords(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : "it threw what is no Error";
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => !/^(Require stack:|- \/)/.test(line));
  const words = lines.join(" ").replace(/\s+/g, " ").trim();
  return words.length > 400 ? `${words.slice(0, 400)}…` : words;
}
