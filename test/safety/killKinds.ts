import { phaseMayCome } from "../kinds/cycle";
import { type KindsSite, startKinds } from "../kinds/site";
import { type KilledRun, killAt, undisturbed } from "./drivenRun";
import { type HeldProviders, heldProviders } from "./heldProviders";
import type { Problem } from "./killMatrix";
import { type KindPoint, type KindRun, kindPoints, kindRuns, type PhasedName, type PhasedRun } from "./kindPoints";
import { type Credentials, credentialsOf, lostOf, orphansOf, wrongAfter } from "./kindsEnd";
import { type Victim, victimsAt } from "./points";
import { synced } from "./world";

/** Who is killed where. */
export interface KindKill {
  readonly point: KindPoint;
  readonly victim: Victim;
}

/** What came of the kills of one run. */
export interface KindCell {
  readonly run: KindRun;
  readonly kills: readonly KindKill[];
  readonly problems: readonly Problem[];
  /** Names of the secrets whose credential was lost after a kill. */
  readonly lost: readonly string[];
  /** Keys at an issuer that nothing has, when the run was ended. */
  readonly orphans: number;
  readonly sent: number;
  readonly failed: readonly string[];
  readonly seconds: number;
}

export interface KindsKillSite extends KindsSite {
  readonly providers: HeldProviders;
}

export async function startKindsKills(stack: string): Promise<KindsKillSite> {
  const site = await startKinds(stack);
  const providers = await heldProviders(site.sandbox, site.issuers);
  const close = async () => {
    await site.close();
    await providers.stop();
  };
  return { ...site, providers, close };
}

/** Each victim at each point of a run. */
export function killsIn(run: KindRun): KindKill[] {
  const reached = kindPoints.filter((point) => coming(run, point).length > 0);
  return reached.flatMap((point) => victimsAt(point).map((victim) => ({ point, victim })));
}

/** Those of a run's secrets that come to a point. */
export function coming({ secrets }: KindRun, { comes }: KindPoint): PhasedName[] {
  return (Object.keys(secrets) as PhasedName[]).filter((name) => comes(secrets[name] as PhasedRun));
}

/**
 * A whole rotation of all kinds, run by run, each killed at its points in turn, every time by running the same command again, and at
 * the end run through. After a kill no credential may be lost; the end has to be that of a run that nobody has disturbed.
 *
 * @param killsOf  of each run; a run without one is not killed
 */
export async function killedRotation(
  site: KindsKillSite,
  killsOf: (run: KindRun) => readonly KindKill[],
): Promise<KindCell[]> {
  const cells: KindCell[] = [];
  for (const run of kindRuns) cells.push(await killedRun(site, run, killsOf(run)));
  return cells;
}

async function killedRun(site: KindsKillSite, run: KindRun, kills: readonly KindKill[]): Promise<KindCell> {
  const start = performance.now();
  const counted = () => [...site.clients.counts().values()];
  const first = counted();
  const names = Object.keys(run.secrets) as PhasedName[];
  if (run.name === "prepare") await site.replaceCa();
  for (const name of names) await phaseMayCome(site, name);
  const before = await credentialsOf(site, names);
  const done = await killAndEnd(site, run, kills, before).catch(({ message }: Error) => ({
    problems: [{ secret: undefined, text: message }],
    lost: [],
  }));
  await site.takeBundle();
  const last = counted();
  return {
    ...{ run, kills, ...done, orphans: (await orphansOf(site)).length },
    sent: last.reduce((sum, { sent }, i) => sum + sent - (first[i]?.sent ?? 0), 0),
    failed: last.flatMap(({ failed }, i) => failed.slice(first[i]?.failed.length)),
    seconds: (performance.now() - start) / 1000,
  };
}

async function killAndEnd(
  site: KindsKillSite,
  run: KindRun,
  kills: readonly KindKill[],
  before: Credentials,
): Promise<Pick<KindCell, "problems" | "lost">> {
  const { providers } = site;
  const names = Object.keys(run.secrets) as PhasedName[];
  const problems: Problem[] = [];
  const lost: string[] = [];
  let left = names;
  for (const { point, victim } of kills) {
    const held = coming(run, point).filter((name) => left.includes(name));
    if (held.length === 0) continue;
    const killed = await killAt(site, providers, { point, victim, names: left, coming: held });
    await synced(site, site.ports);
    lost.push(...(await lostOf(site, names)));
    problems.push(...silent(killed, victim));
    if (point.done) left = [];
    else if (killed.report) left = left.filter((name) => failedIn(killed.report).includes(name));
  }
  if (left.length > 0) {
    for (const { secret, error } of (await undisturbed(site, providers, left))?.secrets ?? [])
      if (error) problems.push({ secret, text: error.message });
  }
  problems.push(...(await wrongAfter(site, run, before)));
  return { problems, lost };
}

function failedIn(report: KilledRun["report"]): string[] {
  return (report?.secrets ?? []).filter(({ error }) => error).map(({ secret }) => secret);
}

/** A driver whose engine was killed fails, and says of each secret that has failed what to do. */
function silent({ exitCode, report }: KilledRun, victim: Victim): Problem[] {
  const wanted = victim === "driver" ? null : 1;
  if (exitCode !== wanted) return [{ secret: undefined, text: `the driver ended with ${exitCode}` }];
  const failed = (report?.secrets ?? []).filter(({ error }) => error);
  return failed
    .filter(({ error }) => !/run the same command again/.test(error?.hint ?? ""))
    .map(({ secret, error }) => ({ secret, text: `without a hint: ${error?.message}` }));
}
