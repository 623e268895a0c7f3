import type { SecretsManager } from "../ports/secretsManager";
import { clauses } from "./clauses";
import { others } from "./clauses/others";
import { notMet, seen } from "./judgeAll";
import { killEverywhere } from "./killed";
import { Leaks } from "./leaks";
import { MemoryStore } from "./memoryStore";
import type { Described, Order } from "./messages";
import { type Keeper, places, runOrder } from "./rotatorProcess";
import { Broken, type Verdict } from "./verdict";

export interface SuiteRequest {
  /** The module. */
  readonly file: string;
  /** The block under the kind's name; undefined: none. */
  readonly parameters: unknown;
  /** Undefined: the first that the driver rotates. */
  readonly strategy: string | undefined;
  /** Files with the values of other secrets that it reads, by name or ARN. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Has the other secrets that it reads; undefined: there are no more. */
  readonly beyond: SecretsManager | undefined;
  /** Aborted: everything ends at once. */
  readonly signal: AbortSignal;
  /** Is told of each clause, in their order. */
  told(verdict: Verdict): void;
}

type Base = Pick<Order, "file" | "parameters" | "strategy">;

/** What the suite found the rotator to be. @throws {Broken} when the module has none */
export async function describeRotator(request: SuiteRequest): Promise<Described> {
  let described: Described | undefined;
  const { file, parameters, strategy, signal } = request;
  const order: Order = { file, parameters, strategy, what: "describe" };
  const { failure } = await runOrder(order, { store: undefined, leaks: new Leaks(), signal }, (told) => {
    if ("described" in told) described = told.described;
  });
  if (!described) throw new Broken(failure ?? "it says nothing of itself");
  return described;
}

/** Judges each clause. The rotator runs in processes of its own: one, and one for each point at which it is killed. */
export async function judgeRotator(described: Described, request: SuiteRequest): Promise<readonly Verdict[]> {
  const { file, parameters, signal, secrets, beyond } = request;
  const base: Base = { file, parameters, strategy: described.strategy };
  const leaks = new Leaks();
  const keeper: Keeper = { store: new MemoryStore(described.secret, secrets, beyond), leaks, signal };
  const verdicts: Verdict[] = [];
  const say = (verdict: Verdict) => {
    verdicts.push(verdict);
    request.told(verdict);
  };
  say({ clause: others.definition.name, result: "passed" });
  const facts = await judgeInOne(base, keeper, say);
  const unmet = new Set(
    verdicts.flatMap(({ clause, result }) => (result === "failed" || result === "not judged" ? [clause] : [])),
  );
  say(notMet(others.killed, unmet) ?? (await killedVerdict(base, keeper, facts.emergencies)));
  if (!unmet.has("rotation")) {
    for (const what of ["fail", "clean"] as const) await runOrder({ ...base, what }, keeper, () => undefined);
  }
  for (const [clause, place] of [
    [others.processes, places.processes],
    [others.output, places.output],
    [others.errors, places.errors],
  ] as const) {
    const found = leaks.in(place);
    const why = found === undefined ? undefined : `${found} was seen there`;
    const failed: Verdict = { clause: clause.name, result: "failed", why };
    say(notMet(clause, unmet) ?? (found === undefined ? { clause: clause.name, result: "passed" } : failed));
  }
  return verdicts;
}

/** The clauses that one process can judge. One at which it ends fails, and those behind it are not judged. */
async function judgeInOne(
  base: Base,
  keeper: Keeper,
  say: (verdict: Verdict) => void,
): Promise<{ emergencies: boolean }> {
  const left = new Set(clauses.flatMap(({ name, judge }) => (judge ? [name] : [])));
  let emergencies = false;
  const { failure } = await runOrder({ ...base, what: "judge" }, keeper, (told) => {
    if ("retiresInEmergencies" in told) emergencies = told.retiresInEmergencies;
    if (!("verdict" in told)) return;
    left.delete(told.verdict.clause);
    say(told.verdict);
  });
  const [at, ...behind] = left;
  if (at !== undefined) say({ clause: at, result: "failed", why: failure ?? "its process has ended" });
  for (const clause of behind) say({ clause, result: "not judged", why: "the process with the rotator has ended" });
  return { emergencies };
}

async function killedVerdict(base: Base, keeper: Keeper, emergencies: boolean): Promise<Verdict> {
  const clause = others.killed.name;
  try {
    let points = await killEverywhere(base, false, keeper);
    if (emergencies) points += await killEverywhere(base, true, keeper);
    return { clause, result: "passed", why: `killed at ${points} moments` };
  } catch (error) {
    if (keeper.signal.aborted) throw error;
    return { clause, result: "failed", why: seen(error) };
  }
}
