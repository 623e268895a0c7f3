import { exitCodes } from "../errors";
import { type Observer, observers } from "../observer";
import { barProgress } from "../progress/bar";
import { manySecrets } from "../progress/counts";
import { type LiveProgress, liveProgress } from "../progress/live";
import { eventLines, manyPlain } from "../progress/manyPlain";
import { plainProgress } from "../progress/plain";
import { runTable } from "../progress/runTable";
import type { RunResult } from "../result";
import type { RotateRequest } from "../run/request";
import { rotate } from "../run/rotate";
import { resultJson } from "../schemas/resultJson";
import { runTraceOf } from "../tracing";

/** Runs it with its progress on stderr. */
export async function watchedRun(
  request: Omit<RotateRequest, "observer">,
  { json }: { readonly json?: boolean },
): Promise<RunResult> {
  const names = request.secrets.map(({ name }) => name);
  // The list is drawn on stdout, which has to be the terminal too: a file is for the result alone.
  const onTerminal = process.stdout.isTTY && process.stderr.isTTY;
  const live = onTerminal && !json && names.length > 0 ? liveOf(names) : undefined;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const progress: Observer = live ?? linesOf(names, say, json);
  const trace = runTraceOf(process.env, request.open.config);
  const observer = trace ? observers(progress, trace) : progress;
  const interrupting = "interrupting: the step under way is recorded first";
  const tell = () => (live ? live.note(interrupting) : say(interrupting));
  try {
    const result = await request.interruption.during(tell, () => rotate({ ...request, observer }));
    await live?.end(new Map(result.secrets.flatMap(({ secret, error }) => (error ? [[secret, error.message]] : []))));
    const untraced = await trace?.ended(result);
    return untraced === undefined ? result : { ...result, warnings: [...(result.warnings ?? []), untraced] };
  } catch (error) {
    // A list that is not ended holds back what is written to stderr.
    await live?.end(new Map(names.map((name) => [name, `${name}: stopped`])));
    const untraced = await trace?.ended(undefined, error);
    if (untraced !== undefined) say(`warning: ${untraced}`);
    throw error;
  }
}

function liveOf(names: readonly string[]): LiveProgress {
  return names.length > manySecrets ? barProgress(names.length) : liveProgress(names);
}

function linesOf(names: readonly string[], say: (line: string) => void, json = false): Observer {
  if (names.length <= manySecrets) return plainProgress(say);
  return json ? eventLines(say) : manyPlain(names.length, say);
}

/** A run that the audit trail has not got the end of is not done either. */
export function exitCodeOfRun({ secrets, recorded }: RunResult): number {
  return recorded === false || secrets.some(({ error }) => error) ? exitCodes.failed : exitCodes.done;
}

/**
 * Prints the result on stdout.
 *
 * @param options  `note`: why it took nothing, which stderr says too
 * @param rollback  of what failed in it
 */
export function printRun(
  result: RunResult,
  { json, note }: { readonly json?: boolean; readonly note?: string | undefined },
  rollback?: RunResult,
): void {
  const text = json
    ? JSON.stringify({ ...resultJson(result, rollback), note }, undefined, 2)
    : [result, ...(rollback ? [rollback] : [])].map((run) => runTable(run, process.stdout.columns)).join("\n");
  process.stdout.write(`${text}\n`);
}
