import { exitCodes } from "../errors";
import { liveProgress } from "../progress/live";
import { plainProgress } from "../progress/plain";
import { runTable } from "../progress/runTable";
import type { Observer } from "../run/observer";
import type { RotateRequest } from "../run/request";
import type { RunResult } from "../run/result";
import { rotate } from "../run/rotate";
import type { Output } from "../schemas/outputs";

/** Runs it with its progress on stderr. */
export async function watchedRun(
  request: Omit<RotateRequest, "observer">,
  { json }: { readonly json?: boolean },
): Promise<RunResult> {
  const names = request.secrets.map(({ name }) => name);
  // The list is drawn on stdout, which has to be the terminal too: a file is for the result alone.
  const onTerminal = process.stdout.isTTY && process.stderr.isTTY;
  const live = onTerminal && !json && names.length > 0 ? liveProgress(names) : undefined;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const observer: Observer = live ?? plainProgress(say);
  const interrupting = "interrupting: the step under way is recorded first";
  const tell = () => (live ? live.note(interrupting) : say(interrupting));
  try {
    const result = await request.interruption.during(tell, () => rotate({ ...request, observer }));
    await live?.end(new Map(result.secrets.flatMap(({ secret, error }) => (error ? [[secret, error.message]] : []))));
    return result;
  } catch (error) {
    // A list that is not ended holds back what is written to stderr.
    await live?.end(new Map(names.map((name) => [name, `${name}: stopped`])));
    throw error;
  }
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
  const output: Output<"rotate"> = {
    schemaVersion: 1,
    ...jsonOf(result),
    note,
    ...(rollback && { rollback: jsonOf(rollback) }),
  };
  const text = json
    ? JSON.stringify(output, undefined, 2)
    : [result, ...(rollback ? [rollback] : [])].map((run) => runTable(run, process.stdout.columns)).join("\n");
  process.stdout.write(`${text}\n`);
}

/** The stable form for other programs; schemaVersion changes when a property changes its meaning. */
function jsonOf(result: RunResult): NonNullable<Output<"rotate">["rollback"]> {
  const secrets = result.secrets.map(({ error, ...secret }) => ({
    ...secret,
    ...(error && {
      error: {
        code: error.code,
        step: error.step,
        message: error.message,
        hint: error.hint,
        retryable: error.retryable,
      },
    }),
  }));
  return { ...result, secrets };
}
