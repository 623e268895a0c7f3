import { describeError } from "../errors";

/**
 * Why an update has failed, without the engine's whole output: the lines that say what is wrong, or how the engine ended.
 *
 * @param error  what the Automation API throws
 */
export function engineError(error: unknown): Error {
  const output = String((error as Error).message);
  const lines = output.split("\n").filter((line) => /error: /.test(line));
  const text = [...new Set(lines.map((line) => line.replace(/^.*?error: /, "").trim()))].join("; ");
  return new Error(text || endOf(error, output), { cause: error });
}

interface Ended {
  readonly commandResult?: { readonly err?: { readonly exitCode?: number; readonly signal?: string } };
}

/** An engine that says nothing was killed, has crashed, or has found the state invalid. */
function endOf(error: unknown, output: string): string {
  const invalid = output.match(/snapshot integrity error[\s\S]*^Error: +(.*)$/m)?.[1];
  if (invalid) return `Pulumi finds the stack's state invalid (${invalid}): see \`pulumi state repair --help\``;
  const { commandResult } = error as Ended;
  // Not the engine's, but that of the process which drives it.
  if (!commandResult) return describeError(error);
  const { exitCode, signal } = commandResult.err ?? {};
  const how = signal ?? (exitCode === undefined ? undefined : `exit code ${exitCode}`);
  const crash = crashIn(output);
  const why = [how, crash && `it crashed: ${crash}`].filter((part) => part !== undefined).join(", ");
  return `the engine ended before the update did${why && ` (${why})`}`;
}

/** What a Go program says of its crash. Of an assertion that has failed Pulumi's own text is told, which has URNs at most. */
function crashIn(output: string): string | undefined {
  const [, kind, said = ""] = output.match(/^(?: stderr: )?(panic|fatal error|Panic): +(.*)$/m) ?? [];
  if (kind === undefined) return undefined;
  const isKnown = kind === "fatal error" || /assertion has failed|^runtime error|nil pointer/.test(said);
  return isKnown ? said.slice(0, 300) : "a panic";
}
