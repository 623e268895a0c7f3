import { explained } from "../failureOf";
import type { Clause } from "./clause";
import type { Site } from "./site";
import { Broken, type Verdict } from "./verdict";

/** Judges one clause after the other. One whose needs are not met is not judged. */
export async function judgeAll(
  site: Site,
  clauses: readonly Clause[],
  tell: (verdict: Verdict) => void,
): Promise<void> {
  const unmet = new Set<string>();
  for (const clause of clauses) {
    if (!clause.judge) continue;
    const verdict = await judged(site, clause, unmet);
    if (verdict.result === "failed" || verdict.result === "not judged") unmet.add(clause.name);
    tell(verdict);
  }
}

async function judged(site: Site, clause: Clause, unmet: ReadonlySet<string>): Promise<Verdict> {
  const why = clause.notFor?.(site);
  if (why !== undefined) return { clause: clause.name, result: "does not apply", why };
  const lacking = notMet(clause, unmet);
  if (lacking) return lacking;
  try {
    await clause.judge?.(site);
    return { clause: clause.name, result: "passed" };
  } catch (error) {
    return { clause: clause.name, result: "failed", why: seen(error) };
  }
}

/** The verdict on a clause that needs one which has not passed; undefined: it can be judged. */
export function notMet({ name, needs }: Clause, unmet: ReadonlySet<string>): Verdict | undefined {
  const lacking = needs.filter((need) => unmet.has(need));
  if (lacking.length === 0) return undefined;
  return { clause: name, result: "not judged", why: `it needs ${lacking.join(", ")}` };
}

/** What was seen, for a verdict. */
export function seen(error: unknown): string {
  return error instanceof Broken ? error.message : explained(error);
}
