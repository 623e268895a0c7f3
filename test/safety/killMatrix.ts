import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Stand } from "../demo/stand";
import { pathsOf } from "../demo/verdict";
import type { SampleLoad } from "../sampleService/load";
import type { Failure } from "../sampleService/load/report";
import { type KilledRun, killAt } from "./drivenRun";
import { endState } from "./endState";
import { firstNewPod, signsWithNewKey } from "./pods";
import { type Point, points, type Victim, victimsAt } from "./points";
import type { Site } from "./site";
import { lostIn, synced, type World, worldOf } from "./world";

/** What was not as it has to be, for one secret or for all. */
export interface Problem {
  readonly secret: string | undefined;
  readonly text: string;
}

/** A point and who is killed there. */
export interface Kill {
  readonly point: Point;
  readonly victim: Victim;
  /** Whether the run that is killed writes versions by an update of their own, as large ones do. */
  readonly versionsFirst?: boolean;
}

/** One kill, and what came of it. */
export interface Cell extends Kill {
  /** Empty: it survived. */
  readonly problems: readonly Problem[];
  /** Names of the secrets whose credential is lost. */
  readonly lost: readonly string[];
  /** Requests that were sent meanwhile. */
  readonly sent: number;
  /** Logins that a single-user database refused, until the run went on. */
  readonly refused: number;
  /** Every other request that failed. */
  readonly failed: number;
  readonly seconds: number;
}

/** Each victim at each point. */
export const allKills: readonly Kill[] = points.flatMap((point) =>
  victimsAt(point).map((victim) => ({ point, victim })),
);

/** The victim after whose death nothing goes on: an engine lives on while its providers are asked, a driver in its gates. */
const mainVictim = ({ held }: Point): Victim => ("aws" in held || "kubernetes" in held ? "engine" : "driver");

/** Each point once, in three rotations, each killed at some points in turn. */
export const fewKills: readonly (readonly Kill[])[] = [
  ["check", "create", "set"],
  ["test", "finish", "sync"],
  ["rollout", "verify", "settle"],
].map((steps) => allKills.filter(({ point, victim }) => steps.includes(point.step) && victim === mainVictim(point)));

const others = allKills.filter(({ point, victim }) => victim !== mainVictim(point));

/**
 * The other victim at the last such point of each step, each in a rotation of its own: an engine goes on when its driver is dead,
 * and a driver whose engine is dead sets roles back, so that the next points would not be reached. These runs
 * write their versions by an update of their own, as large ones do.
 */
export const otherKills: readonly (readonly Kill[])[] = others
  .filter(({ point }, i) => point.step !== others[i + 1]?.point.step)
  .map((kill) => [{ ...kill, versionsFirst: true }]);

/**
 * Kills one rotation at these points in turn, each time by running the same command again, and at the end has it run
 * through. After each kill what is real has to be valid, and a plain `pulumi up` has to leave it as it is; the end has to
 * be that of an undisturbed run.
 */
export async function killInTurn(site: Site, kills: readonly Kill[]): Promise<Cell[]> {
  const { stand, ports } = site;
  await signsWithNewKey(stand, ports);
  const before = await worldOf(stand, ports);
  const load = site.load();
  await load.start();
  const cells: Cell[] = [];
  try {
    for (const kill of kills) {
      const work = async () => {
        const { problems, lost } = await killAndLook(site, kill, before);
        if (kill === kills.at(-1)) problems.push(...(await runThrough(site, kill, before)));
        return { problems, lost };
      };
      cells.push({ ...kill, ...(await measured(stand, load, work)) });
    }
  } finally {
    await load.stop();
  }
  return cells;
}

async function measured(
  stand: Stand,
  load: SampleLoad,
  work: () => Promise<Pick<Cell, "problems" | "lost">>,
): Promise<Omit<Cell, keyof Kill>> {
  const start = performance.now();
  const before = await load.snapshot();
  const done = await work().catch(({ message }: Error) => ({
    problems: [{ secret: undefined, text: message }],
    lost: [],
  }));
  const after = await load.snapshot();
  const refused = refusedOf(stand, after.failures.slice(before.failures.length));
  return {
    ...done,
    sent: after.total.sent - before.total.sent,
    refused,
    failed: after.total.failed - before.total.failed - refused,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Kills one run. What is real then has to be valid, and a plain `pulumi up` has to leave it as it is. */
async function killAndLook(site: Site, kill: Kill, before: World): Promise<{ problems: Problem[]; lost: string[] }> {
  const { stand, ports, providers } = site;
  const { held } = kill.point;
  const meanwhile = async () => "kubernetes" in held && held.untilPodReady && firstNewPod(stand, before);
  const killed = await killAt(stand, providers, { ...kill, meanwhile });
  await stand.servicesReady();
  await synced(stand, ports);
  const real = await worldOf(stand, ports);
  await site.unlock();
  await site.up();
  await stand.servicesReady();
  const problems = [
    ...saidSo(killed, kill.victim),
    ...differences(real, await worldOf(stand, ports), "pulumi up makes"),
  ];
  return { problems, lost: lostIn(real, stand.secrets) };
}

/** The same command again, and what it ends with. */
async function runThrough(site: Site, { point }: Kill, before: World): Promise<Problem[]> {
  const { stand, ports } = site;
  const results = point.done ? [] : (await site.rotate()).secrets;
  await stand.servicesReady();
  const end = await endState(stand, before, await worldOf(stand, ports));
  return [
    ...results.flatMap(({ secret, error }) => (error ? [{ secret, text: error.message }] : [])),
    ...differences(site.undisturbed, end, "ends with"),
  ];
}

/** A driver whose engine was killed fails, and says of each secret what to do. */
function saidSo({ exitCode, report }: KilledRun, victim: Victim): Problem[] {
  const wanted = victim === "driver" ? null : 1;
  const problems = exitCode === wanted ? [] : [{ secret: undefined, text: `the driver ended with ${exitCode}` }];
  if (victim === "driver") return problems;
  if (!report) return [...problems, { secret: undefined, text: "the driver has no result" }];
  const { secrets } = report;
  const silent = secrets.filter(({ error }) => !/run the same command again/.test(error?.hint ?? ""));
  return [...problems, ...silent.map(({ secret, error }) => ({ secret, text: `without a hint: ${error?.message}` }))];
}

/** What differs, in two worlds or two end states, secret by secret and elsewhere. */
function differences<T extends { readonly secrets: object }>(wanted: T, found: T, what: string): Problem[] {
  const { secrets: foundSecrets, ...foundRest } = found;
  const { secrets: wantedSecrets, ...wantedRest } = wanted;
  const pairs: [string | undefined, unknown, unknown][] = [
    [undefined, foundRest, wantedRest],
    ...Object.entries(wantedSecrets).map(([name, secret]): [string, unknown, unknown] => [
      name,
      (foundSecrets as Record<string, unknown>)[name],
      secret,
    ]),
  ];
  return pairs.flatMap(([secret, is, shouldBe]) =>
    isDeepStrictEqual(is, shouldBe) ? [] : [{ secret, text: `${what} ${difference(is, shouldBe)}` }],
  );
}

function difference(is: unknown, shouldBe: unknown): string {
  return new assert.AssertionError({ actual: is, expected: shouldBe, operator: "deepStrictEqual" }).message;
}

/** How many of these are a single-user database's refusals. */
function refusedOf({ secrets }: Stand, failures: readonly Failure[]): number {
  const single = secrets.filter(({ strategy }) => strategy === "single-user");
  const paths = single.flatMap(({ name }) => pathsOf[name] ?? []);
  return failures.filter(({ path, kind }) => paths.includes(path) && /28P01/.test(kind)).length;
}
