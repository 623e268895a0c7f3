import { join } from "node:path";
import { z } from "zod";
import { type Problem, problemsOf } from "../../../infra/config/problem";
import type { Rotator, Rotators } from "../../../infra/config/rotator";
import { execSchema, httpSchema, kindName, moduleSchema, ownOverlaps } from "../../../infra/config/rotatorsSchema";
import { defineRotator } from "../defineRotator";
import { declaredRotator } from "./declaredRotator";
import { loadRotator } from "./loadRotator";
import { wrongSteps } from "./wrongSteps";

/**
 * The kinds that a stack names: `secret-rotation:rotators`. One that is wrong is there as well, and takes any parameters, so
 * that of its secrets only what is wrong with them is told.
 *
 * @param declared  by the kind's name: the path of a module, or what `execSchema` or `httpSchema` say
 * @param folder  the project's
 */
export function ownRotators(
  declared: unknown,
  { folder, builtIn }: { folder: string; builtIn: Rotators },
): { rotators: Rotators; problems: readonly Problem[] } {
  const rotators = new Map<string, Rotator>();
  const problems: Problem[] = [];
  const listed = z.record(z.string(), z.unknown(), mapNeeded).safeParse(declared);
  if (!listed.success) return { rotators, problems: problemsOf(listed.error, "rotators") };
  for (const [kind, one] of Object.entries(listed.data)) {
    const at = `rotators.${kind}`;
    if (builtIn.has(kind)) {
      problems.push({ path: at, message: `the kind ${kind} comes with the project: choose another name` });
      continue;
    }
    const named = kindName.safeParse(kind);
    if (!named.success) problems.push(...problemsOf(named.error, at));
    const { rotator, problems: wrong } = read(kind, one, folder, at);
    problems.push(...wrong);
    if (named.success) rotators.set(kind, rotator ?? wrongKind(kind));
  }
  return { rotators, problems };
}

const mapNeeded = "must have the kinds' names, and at each a module, {exec: …} or {http: …}";

interface Read {
  readonly rotator: Rotator | undefined;
  readonly problems: readonly Problem[];
}

function read(kind: string, one: unknown, folder: string, at: string): Read {
  if (typeof one === "object" && one !== null && ("exec" in one || "http" in one)) {
    const parsed = ("exec" in one ? execSchema : httpSchema).safeParse(one);
    if (!parsed.success) return { rotator: undefined, problems: problemsOf(parsed.error, at) };
    const { overlap, verbs } = parsed.data;
    const wrong = wrongSteps(overlap, new Set(verbs));
    if (wrong.length > 0) {
      return { rotator: undefined, problems: wrong.map((message) => ({ path: `${at}.verbs`, message })) };
    }
    return { rotator: declaredRotator(kind, parsed.data, folder), problems: [] };
  }
  if (typeof one !== "string") return { rotator: undefined, problems: [{ path: at, message: oneNeeded }] };
  const path = moduleSchema.safeParse(one);
  if (!path.success) return { rotator: undefined, problems: problemsOf(path.error, at) };
  return loadRotator(join(folder, path.data), { kind, at });
}

const oneNeeded = "must be the path of a module, {exec: [program, …], …} or {http: {url: …}, …}";

function wrongKind(kind: string): Rotator {
  const watched = { about: "none", watchedOnly: "its rotator is wrong" };
  const strategies = Object.fromEntries(ownOverlaps.map((overlap) => [overlap, watched]));
  return defineRotator({ kind, about: "none", maxAgeDays: 1, parameters: z.looseObject({}), strategies });
}
