import { once } from "node:events";
import { join } from "node:path";
import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { fullName } from "../../infra/names";
import type { RunReport } from "../demo/driver";
import { identify, isRunning, type ProcessIdentity, processTable, sendSignal } from "../sandbox/process/processTable";
import { waitFor } from "../sandbox/process/waitFor";
import type { Sandbox } from "../sandbox/sandbox";
import { atThePoint, type DrivenOptions } from "./drivenRotation";
import type { HeldProviders } from "./heldProviders";
import type { Change } from "./kubernetesProxy";
import type { Point, Victim } from "./points";
import { spawnInSandbox } from "./spawnInSandbox";

/** Where a rotation is killed: a stand, say. */
export interface Place {
  readonly sandbox: Sandbox;
  /** The project's folder. */
  readonly project: string;
  readonly stack: string;
  readonly secrets: readonly SecretDeclaration[];
}

export interface HowKilled {
  readonly point: Point;
  readonly victim: Victim;
  /** Awaited when all are there, before the kill. */
  readonly meanwhile?: () => Promise<unknown>;
  /** Names of the secrets that are rotated, and of those that come to the point; left out: all. */
  readonly names?: readonly string[];
  readonly coming?: readonly string[];
  /** Whether versions are written by an update of their own. */
  readonly versionsFirst?: boolean;
}

/** What a killed run has left to say. */
export interface KilledRun {
  /** Of a driver that outlived its engine; null: it was killed itself. */
  readonly exitCode: number | null;
  readonly report: Pick<RunReport, "secrets"> | undefined;
}

const reachedMs = 180_000;
const endedMs = 180_000;

/**
 * Starts a rotation, waits until all that come there are at the point, and kills the victim (SIGKILL). Returns when
 * nothing of the run is left: neither the engine nor a request under way.
 */
export async function killAt(
  place: Place,
  providers: HeldProviders,
  { point, victim, meanwhile, names = [], coming, versionsFirst = false }: HowKilled,
): Promise<KilledRun> {
  const held = place.secrets.filter(({ name }) => coming?.includes(name) ?? true);
  const run = startDriven(place, providers, { names, point, coming: held.map(({ name }) => name), versionsFirst });
  try {
    await Promise.race([holdByProxy({ ...place, secrets: held }, providers, point) ?? run.atThePoint, run.endedEarly]);
    await meanwhile?.();
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

/** A rotation of these secrets that nothing disturbs, in a process of its own as well. */
export async function undisturbed(
  place: Place,
  providers: HeldProviders,
  names: readonly string[],
): Promise<KilledRun["report"]> {
  const { exitCode, stdout, stderr } = await startDriven(place, providers, { names, point: undefined, coming: [] })
    .ended;
  const report = reportIn(stdout);
  if (!report) throw new Error(`the run ended with ${exitCode}, without a result:\n${stdout}${stderr}`);
  return report;
}

function heal({ aws, kubernetes, issuers }: HeldProviders): void {
  for (const proxy of [aws, kubernetes, ...Object.values(issuers)]) proxy.heal();
}

function startDriven(
  { sandbox, project, stack }: Place,
  { env }: HeldProviders,
  how: Omit<DrivenOptions, "project" | "stack">,
) {
  const options: DrivenOptions = { project, stack, ...how };
  const script = join(__dirname, "drivenRotation.ts");
  const child = spawnInSandbox(sandbox, script, [JSON.stringify(options)], env);
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
function holdByProxy(
  { stack, secrets }: Pick<Place, "stack" | "secrets">,
  { aws, kubernetes, issuers }: HeldProviders,
  { held }: Point,
): Promise<unknown> | undefined {
  if ("aws" in held || "issuer" in held) {
    const how = held.when === "before" ? "hold" : "holdAnswer";
    const operation = "aws" in held ? held.aws : held.issuer;
    const holds = secrets.map(({ name }) => {
      if ("aws" in held) return aws.fault({ operation, secret: fullName(stack, name) }, how);
      const issuer = issuers[name];
      if (!issuer) throw new Error(`${name} has no issuer`);
      return issuer.fault({ operation }, how);
    });
    return Promise.all(holds.map(({ reached }) => reached));
  }
  if ("kubernetes" in held) {
    const holds = objectsOf(secrets)[held.kubernetes].map((path) => {
      const matches = ({ method, path: asked }: Change) =>
        method === "PATCH" && asked.split("?")[0]?.endsWith(path) === true && !asked.includes("dryRun");
      return kubernetes.hold(matches, held.when);
    });
    return Promise.all(holds.map(({ reached }) => reached));
  }
  return undefined;
}

/** The paths of the objects that a rotation of these secrets changes. */
function objectsOf(secrets: readonly SecretDeclaration[]) {
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
