import { existsSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { defaultLoad } from "../sampleService/load";
import { defaults } from "../sampleService/manifests";
import { sandboxDirectory, sandboxPaths } from "../sandbox/paths";
import { conclusions } from "./conclusions";
import type { StepMark } from "./driver";
import { otherKinds } from "./otherKinds";
import { Stand } from "./stand";
import { summary } from "./summary";
import { timeline } from "./timeline";
import { judge } from "./verdict";
import { underLoad, type WatchedRotation, watchedRotation } from "./watchedRotation";

export interface DemoOptions {
  /** Ends after the table instead of keeping the sandbox. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const secondsBefore = 3;
// A new signing key signs only when every replica has it: the load goes on until after that.
const secondsAfter = defaults.keyActivationSeconds + 3;
const lookMs = 500;

/** The whole demo. @returns the exit code: 0 when no request failed that should not have */
export async function demo({ once, signal, say }: DemoOptions): Promise<number> {
  const startedMs = Date.now();
  const chapter = chapters(say, 6);
  chapter("The sandbox: the real Pulumi engine, PostgreSQL, Kubernetes control plane and External Secrets Operator");
  const stand = await Stand.start({ dir: sandboxDirectory(), signal, onProgress: (line) => say(`  ${line.trim()}`) });
  try {
    chapter(`$ pulumi up --stack ${stand.stack}`);
    say(indented(summaryOf(await stand.deploy())));
    await firstRotation(stand, chapter, say);
    const unexpected = await rotationUnderLoad(stand, { signal, say, chapter });
    chapter(
      "The other kinds, phase by phase: API keys in both orders, a certificate by a new CA, signing keys, a JWT secret",
    );
    const refused = await otherKinds(stand.sandbox, { signal, say });
    say(`\nThe demo took ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`);
    if (!once) await lookAround(stand, signal, say);
    return unexpected + refused === 0 ? 0 : 1;
  } finally {
    await stand.stop();
  }
}

type Say = DemoOptions["say"];

function chapters(say: Say, count: number): (title: string) => void {
  let number = 0;
  return (title) => {
    number += 1;
    say(`\n${number}/${count}  ${title}`);
  };
}

async function firstRotation(stand: Stand, chapter: (title: string) => void, say: Say): Promise<void> {
  const { replicas } = defaults;
  chapter(
    `The sample service, ${replicas} replicas each: shop-files mounts its secrets, shop-env has them in its environment`,
  );
  await stand.applyServices();
  say("  applied; the pods wait for their secrets. Their first values:");
  say(`  $ npm run rotate -- --type all --stack ${stand.stack}`);
  const { report } = await stand.rotated(["--type", "all"]);
  const written = report.secrets.map(({ secret }) => secret).join(", ");
  await stand.servicesReady();
  say(`  ${report.secrets.length} values written in ${report.seconds.toFixed(1)} s (${written}); all pods are ready`);
}

interface LoadedChapter {
  readonly signal: AbortSignal;
  readonly say: Say;
  readonly chapter: (title: string) => void;
}

/** @returns how many requests failed that should not have, or 1 when a rotation did */
async function rotationUnderLoad(stand: Stand, { signal, say, chapter }: LoadedChapter): Promise<number> {
  chapter(`${defaultLoad.requestsPerSecond} requests/s on both; meanwhile everything that is declared is rotated`);
  const around = { before: secondsBefore, after: secondsAfter, signal };
  const { load, samples, result } = await underLoad(stand.load(), around, async () => {
    say(`  $ npm run rotate -- --type all --stack ${stand.stack}`);
    const startedMs = Date.now();
    const watched = await watchedRotation(stand, ["--type", "all"], (mark) => say(progressLine(mark, startedMs)));
    say(
      `  done in ${((watched.run.endedMs - watched.run.startedMs) / 1000).toFixed(1)} s; the load goes on for ${secondsAfter} s`,
    );
    return watched;
  });
  chapter("What happened");
  const { run, spans, refusals, restarts }: WatchedRotation = result;
  const { secrets } = stand;
  const zeroMs = run.startedMs;
  say(`\nTimeline (0 s: the command is started)\n`);
  say(timeline({ secrets: secrets.map(({ name }) => name), spans, samples, zeroMs }));
  say(`\nSummary\n`);
  say(summary({ secrets, report: run.report, load, refusals, restarts }));
  const verdict = judge(secrets, spans, load);
  say(`\n${conclusions({ secrets, report: run.report, load, refusals, restarts, verdict, zeroMs }).join("\n")}`);
  const failed = run.report.secrets.filter(({ error }) => error !== undefined).length;
  return verdict.unexpectedCount + failed;
}

function progressLine({ secret, step, atMs }: StepMark, startedMs: number): string {
  return `  ${((atMs - startedMs) / 1000).toFixed(1).padStart(5)} s  ${secret}: ${step}`;
}

/** The last lines of `pulumi up`: how many resources, how long. */
function summaryOf(output: string): string {
  const from = output.indexOf("Resources:");
  return output.slice(Math.max(0, from)).trim();
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

/** Keeps everything running until Ctrl-C, or until `npm run sandbox:down` stops the sandbox. */
async function lookAround(stand: Stand, signal: AbortSignal, say: Say): Promise<void> {
  const env = sandboxPaths(stand.sandbox.dir).env;
  const here = relative(process.cwd(), env);
  const shown = here.startsWith("..") ? env : here;
  const { stack } = stand;
  say(`
Everything keeps running. Look around from another shell, in this folder:
  source ${shown}
  npm run rotation -- status --stack ${stack}
  npm run rotate -- shop/orders-db --stack ${stack}          # rotate one more time
  npm run rotate -- --type all --stack ${stack} --dry-run
  pulumi up --stack ${stack}                                 # changes nothing: values are the driver's
  pulumi stack export --stack ${stack} --show-secrets | grep plaintext  # "frozen" only: no value, not even encrypted
  less ${shown.replace(/env$/, "logs")}/postgres.log
and, where they are installed: kubectl -n shop get pods,externalsecrets; psql; aws secretsmanager list-secrets
Ctrl-C ends it.`);
  while (!signal.aborted && existsSync(env)) await delay(lookMs, undefined, { signal }).catch(() => undefined);
}
