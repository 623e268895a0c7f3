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
 * Runs it by the command line, each phase as soon as it may come.
 *
 * @throws {Error} when a run ends otherwise, or the signal's reason when it was given up
 */
export async function runCycle(
  site: KindsSite,
  { name, outcomes, begin, end }: Cycle,
  signal: AbortSignal,
): Promise<void> {
  await begin?.(site);
  for (const wanted of outcomes) {
    await phaseMayCome(site, name);
    signal.throwIfAborted();
    const { child, finished } = cli(site.project, "rotate", name, "--json", "--stack", site.stack);
    const interrupt = () => child.kill("SIGINT");
    signal.addEventListener("abort", interrupt);
    const { stdout, stderr } = await finished;
    signal.removeEventListener("abort", interrupt);
    signal.throwIfAborted();
    const found = outcomeIn(stdout);
    if (found !== wanted) throw new Error(`${name} was to be ${wanted}, and is ${found}:\n${stdout}${stderr}`);
    await site.takeBundle();
  }
  await end?.(site);
}

function outcomeIn(stdout: string): string | undefined {
  try {
    return (JSON.parse(stdout) as { secrets: { outcome: string }[] }).secrets[0]?.outcome;
  } catch {
    return undefined;
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
