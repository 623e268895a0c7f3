// `npm run sandbox`: starts everything and runs until it is interrupted or `npm run sandbox:down` asks it to stop.
import "./runtime";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { optionsOf } from "./commandLine";
import { serveControl } from "./control";
import { prepareFolder } from "./folder";
import { postgresData } from "./parts/postgres";
import { reloaderPart } from "./parts/reloader";
import { nodeFirst, removedAtEnd, type SandboxPaths, sandboxDirectory, sandboxPaths } from "./paths";
import { type Guard, startGuard } from "./process/guardClient";
import { Parts } from "./process/parts";
import { identify } from "./process/processTable";
import { startAll } from "./startup";
import { start } from "./startup/startup";
import { writeState } from "./state";
import { installTools } from "./tools";
import { createProgress, seconds } from "./tools/progress";

const usage =
  "usage: npm run sandbox [-- --services --reloader]   (with the sample services that Pulumi.dev.yaml names; with a stand-in for Stakater Reloader)";
const options = optionsOf(usage, {
  services: { type: "boolean", default: false },
  reloader: { type: "boolean", default: false },
  // Of those who start it as a part of something else.
  "until-stdin-ends": { type: "boolean", default: false },
  temporary: { type: "boolean", default: false },
});
const interrupted = 130;
const settleMs = 5000;

/** Resolves when somebody asks this process to stop; with `--until-stdin-ends`, the end of its input does too. */
function stopRequest(): { asked: Promise<"stop">; ask: () => void } {
  let ask = () => {};
  const asked = new Promise<"stop">((resolve) => {
    ask = () => resolve("stop");
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
    if (options["until-stdin-ends"]) process.stdin.resume().once("end", ask).once("error", ask);
  });
  return { asked, ask };
}

function announce(paths: SandboxPaths, started: number, choices: readonly string[]): void {
  const here = relative(process.cwd(), paths.env);
  const env = here.startsWith("..") ? paths.env : here;
  for (const choice of choices) console.error(`  ${choice}`);
  console.log(
    `Sandbox ready in ${seconds(Date.now() - started)}: source ${env}   (stop: Ctrl-C or npm run sandbox:down)`,
  );
}

interface Running {
  readonly guard: Guard;
  readonly parts: Parts;
  /** Where PostgreSQL keeps its files. */
  readonly postgresData: string;
}

async function prepare(paths: SandboxPaths, token: string): Promise<Running> {
  await prepareFolder(paths);
  const data = await postgresData(paths);
  const removed = [data, ...removedAtEnd(paths), ...(options.temporary ? [paths.dir] : [])];
  const guard = startGuard(paths.registry, removed, openSync(paths.log("guard"), "a", 0o600));
  writeState(paths, { main: identify(process.pid), guard: guard.identity, token });
  const parts = new Parts(paths, nodeFirst(process.env.PATH), (name, how, log) =>
    console.error(`  ${name} ended (${how}); its log is ${log}`),
  );
  return { guard, parts, postgresData: data };
}

async function bringUp(paths: SandboxPaths, token: string, onRunning: (running: Running) => void): Promise<void> {
  const tools = await installTools(createProgress());
  const started = Date.now();
  const running = await prepare(paths, token);
  onRunning(running);
  const onReady = (name: string) => console.error(`  ✓ ${name}  ${seconds(Date.now() - started)}`);
  const startup = { paths, tools, onReady, ...running };
  await startAll(startup);
  if (options.reloader) await start(startup, reloaderPart(paths, []));
  if (options.services) await deployServices(paths.kubeconfig);
  announce(paths, started, tools.choices);
}

/** Loaded when they are asked for: the tests' sandboxes start without them. */
async function deployServices(kubeconfig: string): Promise<void> {
  const { KubeConfig } = require("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
  const { applySampleService } =
    require("../sampleService/applySampleService") as typeof import("../sampleService/applySampleService");
  const cluster = new KubeConfig();
  cluster.loadFromFile(kubeconfig);
  await applySampleService(cluster);
}

/** Lets what is being started come to its end, as it would otherwise go on beside the guard, and has the guard end all. */
async function end({ parts, guard }: Running, up: Promise<void> | undefined): Promise<void> {
  parts.beginEnd();
  await Promise.race([up?.catch(() => undefined), delay(settleMs, undefined, { ref: false })]);
  await guard.endAll();
}

async function main(): Promise<number> {
  if (process.platform !== "linux") {
    throw new Error("The sandbox runs on Linux only: each pod needs a loopback address of its own (127.0.0.0/8).");
  }
  const paths = sandboxPaths(sandboxDirectory());
  mkdirSync(paths.dir, { recursive: true });
  const token = randomBytes(18).toString("base64url");
  const { asked, ask } = stopRequest();
  let running: Running | undefined;
  let up: Promise<void> | undefined;
  const restart = async (name: string) => running?.parts.restart(name);
  if (!(await serveControl(paths.dir, token, { stop: ask, restart }))) {
    throw new Error(`A sandbox already runs in ${paths.dir}; stop it with \`npm run sandbox:down\`.`);
  }
  try {
    up = bringUp(paths, token, (now) => {
      running = now;
      void now.guard.ended.then(ask);
    });
    if ((await Promise.race([up, asked])) === "stop") return interrupted;
    await asked;
  } finally {
    if (running) await end(running, up);
  }
  if (existsSync(paths.logs)) console.error(`Sandbox stopped; its logs are kept in ${paths.logs}`);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
