import { readFileSync } from "node:fs";
import { join } from "node:path";
import { textsOf } from "../../rotation/contract/processWatch";
import { run as runCommand } from "../demo/command";
import { type DriverRun, driverCommand, markIn } from "../demo/driver";
import type { Stand } from "../demo/stand";
import { repository, sandboxPaths, typescriptArgs } from "../sandbox/paths";
import { sendSignal } from "../sandbox/process/processTable";
import { registered } from "../sandbox/process/registry";
import { liveValues } from "../search/liveValues";
import { type Hit, type Needle, searchBytes } from "../search/needles";
import { ProcessWatch } from "../search/processWatch";
import { searchFolder } from "../search/searchFolder";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";

export const benchmark: Benchmark = {
  name: "noValueLeft",
  title: "No value is left behind: every value of every version, searched for after a rotation",
  timeoutSeconds: 240,
  usesStand: true,
  run,
};

async function run({ stand: shared, say, remark, signal }: BenchContext): Promise<Figure[]> {
  const stand = await shared();
  say("a rotation that is killed before it settles, for comparison");
  await killedRotation(stand, signal);
  const interrupted = await stateOf(stand);
  say("the same again, which resumes it, and a whole one");
  await stand.rotated(["--type", "all"]);
  const watched = await watchedRun(stand);
  const needles = await liveValues(stand.sandbox.env);
  say(`searching for ${needles.length} values, as they are, in base64 and in hexadecimal`);
  const settled = await stateOf(stand);
  const hits: Hit[] = [];
  const found = (what: string, some: readonly Hit[]) => {
    hits.push(...some);
    return none(what, some.length);
  };
  const { logs, pulumiState, pulumiHome } = sandboxPaths(stand.sandbox.dir);
  const [backend, home, log] = [pulumiState, pulumiHome, logs].map((folder) => searchFolder(folder, needles));
  const inText = (where: string, text: string) => searchBytes(where, Buffer.from(text), needles);
  const figures = [
    found(`files of the backend (${describe(backend)})`, backend?.hits ?? []),
    found("the state, decrypted", inText("stack export --show-secrets", settled.decrypted)),
    {
      what: "different texts in the state's ciphertexts",
      measured: String(settled.texts),
      target: "1, the placeholder",
      met: settled.texts === 1,
    },
    found("the stack's outputs, decrypted", inText("stack output --show-secrets", settled.outputs)),
    found(`Pulumi's own files (${describe(home)})`, home?.hits ?? []),
    found(`logs of every part and pod (${describe(log)})`, log?.hits ?? []),
    found(`events of the engine (${lines(watched.events)})`, inText("events", watched.events)),
    found("what the driver printed", inText("output", watched.run.stdout + watched.run.stderr)),
    found(`arguments and environment of its ${watched.processes} processes`, inText("processes", watched.texts)),
    ...controls(stand, needles, interrupted, watched),
  ];
  for (const { where, label, form } of hits.slice(0, 10)) remark(`found: ${label} as ${form} in ${where}`);
  remark("control: the same search where values have to be. Without hits there, 0 would mean nothing");
  return figures;
}

type Watched = Awaited<ReturnType<typeof watchedRun>>;

function controls(stand: Stand, needles: readonly Needle[], interrupted: State, { events, run }: Watched): Figure[] {
  const { dir } = stand.sandbox;
  const { etcd, registry } = sandboxPaths(dir);
  const pods = registered(registry).filter(({ kind }) => kind === "pod");
  const environments = pods.flatMap(({ pid }) => textsOf(pid)).join("\n");
  const count = (text: string) => searchBytes("", Buffer.from(text), needles).length;
  const versions = run.report.secrets.filter(({ newVersionId }) => newVersionId && events.includes(newVersionId));
  const atLeast = (what: string, found: number, least: number): Figure => {
    return { what: `control: ${what}`, measured: String(found), target: `at least ${least}`, met: found >= least };
  };
  const secrets = stand.secrets.length;
  return [
    atLeast("files of etcd, which hold the Kubernetes Secrets", searchFolder(etcd, needles).hits.length, secrets),
    atLeast("environment of the pods", count(environments), 1),
    atLeast("decrypted state of the killed rotation", count(interrupted.decrypted), secrets),
    atLeast("different texts in the ciphertexts of the killed rotation", interrupted.texts, secrets),
    atLeast("new version ids in the events", versions.length, secrets),
  ];
}

/** A rotation whose driver is killed when its gates have passed, so that the settling update never runs. */
async function killedRotation(stand: Stand, signal: AbortSignal): Promise<void> {
  let pid = 0;
  const ended = await runCommand({
    ...driverCommand(stand.project, ["rotate", "--type", "all", "--stack", stand.stack, "--json"]),
    env: stand.sandbox.env,
    signal,
    onStarted: (started) => {
      pid = started;
    },
    onLine: (line) => {
      if (markIn(line, 0)?.step === "verify") sendSignal(pid, "SIGKILL");
    },
  });
  if (ended.exitCode !== null) throw new Error(`the rotation ended with ${ended.exitCode} before it could be killed`);
}

interface State {
  readonly decrypted: string;
  readonly outputs: string;
  /** How many different texts its ciphertexts hold. */
  readonly texts: number;
}

async function stateOf(stand: Stand): Promise<State> {
  const stack = ["--stack", stand.stack];
  const decrypted = (await stand.pulumi("stack", "export", "--show-secrets", ...stack)).stdout;
  const outputs = (await stand.pulumi("stack", "output", "--json", "--show-secrets", ...stack)).stdout;
  const texts = new Set([...decrypted.matchAll(/"plaintext": *"(.*)"/g)].map(([, text]) => text));
  return { decrypted, outputs, texts: texts.size };
}

/** A whole rotation, its events, and the processes that it started. */
async function watchedRun(stand: Stand): Promise<{ run: DriverRun; events: string; texts: string; processes: number }> {
  const file = join(stand.sandbox.dir, "events.jsonl");
  const NODE_OPTIONS = [...typescriptArgs, "-r", join(repository, "test/search/eventTap.ts")].join(" ");
  let watch: ProcessWatch | undefined;
  const run = await stand.rotated(["--type", "all"], {
    env: { NODE_OPTIONS, SECRET_ROTATION_EVENT_LOG: file },
    onStarted: (pid) => {
      watch = new ProcessWatch(pid);
    },
  });
  watch?.end();
  const [texts, processes] = [[...(watch?.seen ?? [])].join("\n"), watch?.processes.size ?? 0];
  return { run, events: readFileSync(file, "utf8"), texts, processes };
}

function lines(text: string): number {
  return text.split("\n").length - 1;
}

function describe(search: { files: number; bytes: number } | undefined): string {
  return `${search?.files} files, ${((search?.bytes ?? 0) / 1000).toFixed(0)} kB`;
}
