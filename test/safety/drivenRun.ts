import { once } from "node:events";
import { join } from "node:path";
import { namespacesOf } from "../../infra/config/rules";
import { fullName } from "../../infra/names";
import type { RunReport } from "../demo/driver";
import type { Stand } from "../demo/stand";
import { identify, isRunning, type ProcessIdentity, processTable, sendSignal } from "../sandbox/process/processTable";
import { waitFor } from "../sandbox/process/waitFor";
import { atThePoint, type DrivenOptions } from "./drivenRotation";
import type { HeldProviders } from "./heldProviders";
import type { Change } from "./kubernetesProxy";
import type { Point, Victim } from "./points";
import { spawnInSandbox } from "./spawnInSandbox";

/** What a killed run has left to say. */
export interface KilledRun {
  /** Of a driver that outlived its engine; null: it was killed itself. */
  readonly exitCode: number | null;
  readonly report: Pick<RunReport, "secrets"> | undefined;
}

const reachedMs = 60_000;
const endedMs = 60_000;

/**
 * Starts a rotation of all secrets, waits until all are at the point, and kills the victim (SIGKILL). Returns when
 * nothing of the run is left: neither the engine nor a request under way.
 *
 * @param meanwhile  awaited when all are there, before the kill
 */
export async function killAt(
  stand: Stand,
  providers: HeldProviders,
  { point, victim, meanwhile }: { point: Point; victim: Victim; meanwhile: () => Promise<unknown> },
): Promise<KilledRun> {
  const run = startDriven(stand, providers, point);
  try {
    await Promise.race([holdByProxy(stand, providers, point) ?? run.atThePoint, run.endedEarly]);
    await meanwhile();
    const engines = enginesOf(run.driver);
    if (victim === "driver") sendSignal(run.driver.pid, "SIGKILL");
    else killEngines(engines);
    // Without its driver an engine ends at the first thing that it has to say; what it has asked for is not answered then.
    await waitFor("the engine to end", () => !engines.some(isRunning), { timeoutMs: endedMs, intervalMs: 20 });
    heal(providers);
    if (victim === "engine") run.letGo();
    const { exitCode, stdout } = await run.ended;
    return { exitCode, report: reportIn(stdout) };
  } finally {
    heal(providers);
    if (isRunning(run.driver)) sendSignal(-run.driver.pid, "SIGKILL");
  }
}

function heal({ aws, kubernetes }: HeldProviders): void {
  aws.heal();
  kubernetes.heal();
}

function startDriven(stand: Stand, { env }: HeldProviders, point: Point) {
  const options: DrivenOptions = { project: stand.project, stack: stand.stack, point };
  const script = join(__dirname, "drivenRotation.ts");
  const child = spawnInSandbox(stand.sandbox, script, [JSON.stringify(options)], env);
  const driver = identify(child.pid ?? 0);
  const output = { stdout: "", stderr: "" };
  const reached = Promise.withResolvers<void>();
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
    if (output.stdout.includes(atThePoint)) reached.resolve();
  });
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, ...output }));
  const endedEarly = ended.then(({ exitCode, stdout, stderr }): never => {
    throw new Error(`the run ended with ${exitCode} and was never at the point:\n${stdout}${stderr}`);
  });
  endedEarly.catch(() => undefined);
  const late = setTimeout(() => sendSignal(-driver.pid, "SIGKILL"), reachedMs);
  void ended.then(() => clearTimeout(late));
  return { driver, atThePoint: reached.promise, endedEarly, ended, letGo: () => void child.stdin.write("go\n") };
}

/** The `pulumi` processes that a driver has started. */
function enginesOf({ pid }: ProcessIdentity): ProcessIdentity[] {
  return processTable().filter(({ parent }) => parent === pid);
}

function killEngines(engines: readonly ProcessIdentity[]): void {
  if (engines.length === 0) throw new Error("there is no engine to kill");
  for (const { pid } of engines) sendSignal(pid, "SIGKILL");
}

/** Resolves when a proxy holds what the point says, for all; undefined: the driver holds it itself. */
function holdByProxy(stand: Stand, { aws, kubernetes }: HeldProviders, { held }: Point): Promise<unknown> | undefined {
  if ("aws" in held) {
    const how = held.when === "before" ? "hold" : "holdAnswer";
    const holds = stand.secrets.map(({ name }) =>
      aws.fault({ operation: held.aws, secret: fullName(stand.stack, name) }, how),
    );
    return Promise.all(holds.map(({ reached }) => reached));
  }
  if ("kubernetes" in held) {
    const holds = objectsOf(stand)[held.kubernetes].map((path) => {
      const matches = ({ method, path: asked }: Change) =>
        method === "PATCH" && asked.split("?")[0]?.endsWith(path) === true && !asked.includes("dryRun");
      return kubernetes.hold(matches, held.when);
    });
    return Promise.all(holds.map(({ reached }) => reached));
  }
  return undefined;
}

/** The paths of the objects that a rotation of all secrets changes. */
function objectsOf({ secrets }: Stand) {
  const path = (kind: string, namespace: string, name = "") => `/namespaces/${namespace}/${kind}/${name}`;
  const consumers = secrets.flatMap((secret) => secret.consumers);
  return {
    externalsecrets: secrets.flatMap((secret) =>
      namespacesOf(secret).map((ns) => path("externalsecrets", ns, secret.externalSecret?.target)),
    ),
    deployments: [...new Set(consumers.map(({ namespace, name }) => path("deployments", namespace, name)))],
  };
}

/** What the run said at its end. */
function reportIn(stdout: string): KilledRun["report"] {
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  return line === undefined ? undefined : (JSON.parse(line) as KilledRun["report"]);
}
