import { createHmac } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { tags } from "../../infra/names";
import { cli } from "../integration/cli";
import { waitFor } from "../sandbox/process/waitFor";
import type { KindName } from "./declared";
import type { KindsSite } from "./site";

/** A whole rotation of one secret. */
export interface Cycle {
  readonly name: KindName;
  readonly what: string;
  /** Of each run, in turn. */
  readonly outcomes: readonly string[];
  /** What is done before it. */
  readonly begin?: (site: KindsSite) => Promise<unknown>;
  /** What is waited for after it. */
  readonly end?: (site: KindsSite) => Promise<unknown>;
}

const threePhases = ["prepared", "rotated", "retired"];

export const cycles: readonly Cycle[] = Object.freeze<Cycle[]>([
  { name: "acme", what: "API key, secondary-first", outcomes: threePhases },
  { name: "mailer", what: "API key, immediate", outcomes: ["rotated", "retired"] },
  { name: "web-tls", what: "certificate, renewal", outcomes: ["rotated"] },
  { name: "web-tls", what: "certificate, a new CA", outcomes: threePhases, begin: (site) => site.replaceCa() },
  { name: "tokens", what: "signing keys", outcomes: threePhases },
  { name: "jwt", what: "jwt", outcomes: ["rotated"], end: newKeySigns },
]);

/**
 * Runs some of them at once by the command line, a phase of each in every run, as soon as all may come.
 *
 * @param onRun  is told of each run that has ended: the outcome of every secret in it
 * @throws {Error} when a run ends otherwise, or the signal's reason when it was given up
 */
export async function runCycles(
  site: KindsSite,
  some: readonly Cycle[],
  signal: AbortSignal,
  onRun: (outcomes: ReadonlyMap<KindName, string>) => void = () => undefined,
): Promise<void> {
  for (const { begin } of some) await begin?.(site);
  const runs = Math.max(...some.map(({ outcomes }) => outcomes.length));
  for (let run = 0; run < runs; run++) {
    const wanted = new Map<KindName, string>();
    for (const { name, outcomes } of some)
      for (const outcome of outcomes.slice(run, run + 1)) wanted.set(name, outcome);
    for (const name of wanted.keys()) await phaseMayCome(site, name);
    onRun(await outcomesOf(site, wanted, signal));
    await site.takeBundle();
  }
  for (const { end } of some) await end?.(site);
}

async function outcomesOf(
  site: KindsSite,
  wanted: ReadonlyMap<KindName, string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<KindName, string>> {
  signal.throwIfAborted();
  const { child, finished } = cli(site.project, "rotate", ...wanted.keys(), "--json", "--stack", site.stack);
  const interrupt = () => child.kill("SIGINT");
  signal.addEventListener("abort", interrupt);
  const { stdout, stderr } = await finished;
  signal.removeEventListener("abort", interrupt);
  signal.throwIfAborted();
  const found = outcomesIn(stdout);
  for (const [name, outcome] of wanted) {
    const other = found.get(name);
    if (other !== outcome) throw new Error(`${name} was to be ${outcome}, and is ${other}:\n${stdout}${stderr}`);
  }
  return found;
}

function outcomesIn(stdout: string): ReadonlyMap<KindName, string> {
  try {
    const { secrets } = JSON.parse(stdout) as { secrets: { secret: KindName; outcome: string }[] };
    return new Map(secrets.map(({ secret, outcome }) => [secret, outcome]));
  } catch {
    return new Map();
  }
}

/** Waits until the next phase of a secret may come. */
export async function phaseMayCome(site: KindsSite, name: KindName): Promise<void> {
  const until = (await site.live(name)).tags[tags.phaseUntil];
  await delay(Math.max(0, new Date(until ?? 0).getTime() - Date.now()));
}

/** The service signs with the key before for the length of a rollout. */
async function newKeySigns({ clients, value }: KindsSite): Promise<void> {
  const { current } = JSON.parse((await value("jwt", "AWSCURRENT")) ?? "{}") as { current: string };
  const isNew = () => {
    const [header, claims, signature] = clients.newestJwt?.split(".") ?? [];
    return createHmac("sha256", current).update(`${header}.${claims}`).digest("base64url") === signature;
  };
  await waitFor("the service to sign with the new key", isNew, { timeoutMs: 60_000 });
}
