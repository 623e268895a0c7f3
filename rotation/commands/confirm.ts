import { createInterface } from "node:readline";
import { UsageError } from "../errors";
import { silent } from "../observer";
import { impactOf } from "../plan/impact";
import { planAll } from "../plan/planAll";
import { impactTable } from "../progress/impactTable";
import type { RotateRequest } from "../run/request";

export interface ConfirmOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** @throws {UsageError} when nobody can be asked and nobody has said yes */
export function needsYes({ yes, json }: ConfirmOptions, { isTTY }: { readonly isTTY?: boolean } = process.stdin): void {
  if (yes || (isTTY && !json)) return;
  const reason = json ? "--json asks nothing" : "there is no terminal to ask on";
  throw new UsageError(`an emergency breaks what is in use, and ${reason}: see --dry-run, then say --yes`);
}

/**
 * Tells on stderr what the emergency breaks, and asks whether to go on. Touches nothing.
 *
 * @returns what the stack's state holds, where nobody was waited for: the run need not ask for it again
 * @throws {UsageError} when the answer is not yes, or the run is not to begin
 */
export async function confirm(
  request: Omit<RotateRequest, "observer">,
  { yes }: ConfirmOptions,
): Promise<RotateRequest["recorded"]> {
  const recorded = await request.open.recorded();
  const { plans, stop } = await planAll(request, recorded, silent);
  if (stop) throw stop;
  // Those that are refused are not touched; the run itself says why.
  if (plans.length === 0) return recorded;
  process.stderr.write(`${impactTable(await impactOf(plans))}\n`);
  if (yes) return recorded;
  const { interruption } = request;
  const streams = { input: process.stdin, output: process.stderr, signal: interruption.engine };
  if (await isAnsweredYes("what is valid now is retired. Go on? (yes/no) ", streams)) return undefined;
  interruption.throwIfAsked();
  throw new UsageError("not confirmed; nothing was changed");
}

/** Ctrl-C, the end of the input, and the signal are no. */
export async function isAnsweredYes(
  question: string,
  streams: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream; signal?: AbortSignal },
): Promise<boolean> {
  const lines = createInterface(streams);
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once("close", () => resolve("")).once("SIGINT", () => resolve(""));
      lines.question(question, resolve);
    });
    return answer.trim().toLowerCase() === "yes";
  } finally {
    lines.close();
  }
}
