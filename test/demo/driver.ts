import type { RotationError } from "../../rotation/errors";
import type { RunResult, SecretResult } from "../../rotation/result";
import type { Step } from "../../rotation/steps";
import { steps } from "../../rotation/steps";
import { typescriptArgs } from "../sandbox/paths";
import { type Command, type EndedCommand, run } from "./command";

type ReportedError = Pick<RotationError, "code" | "step" | "message" | "hint" | "retryable">;
export type ReportedSecret = Omit<SecretResult, "error"> & { readonly error?: ReportedError };
/** What `rotate --json` prints. */
export type RunReport = Omit<RunResult, "secrets"> & {
  readonly schemaVersion: 1;
  readonly secrets: readonly ReportedSecret[];
};

/** The moment at which the driver said that a step begins. */
export interface StepMark {
  readonly secret: string;
  readonly step: Step;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** One run of the driver's command line. */
export interface DriverRun extends EndedCommand {
  readonly report: RunReport;
  readonly marks: readonly StepMark[];
}

export interface DriverCommand extends Pick<Command, "env" | "signal" | "onStarted"> {
  /** The folder with Pulumi.yaml, infra/ and rotation/. */
  readonly project: string;
  /** Arguments of `npm run rotate --`. */
  readonly args: readonly string[];
  readonly onMark?: (mark: StepMark) => void;
}

const stepLine = /^(\S+): ([a-z]+)$/;

/**
 * Runs `rotate` as a process of its own, by the very command that package.json's script has, and notes when which step
 * of which secret begins, from its plain lines of progress.
 *
 * @throws {Error} with its output when it ends without a result; a rotation that failed is in the report
 */
export async function runDriver({ project, args, onMark, ...options }: DriverCommand): Promise<DriverRun> {
  const marks: StepMark[] = [];
  const onLine = (line: string, stream: "stdout" | "stderr") => {
    const mark = stream === "stderr" ? markIn(line, Date.now()) : undefined;
    if (!mark) return;
    marks.push(mark);
    onMark?.(mark);
  };
  const ended = await run({ ...options, ...driverCommand(project, ["rotate", ...args, "--json"]), onLine });
  const report = parseReport(ended.stdout);
  if (!report)
    throw new Error(`rotate ended with ${ended.exitCode ?? "a signal"} and no result:\n${ended.stderr.trim()}`);
  return { ...ended, report, marks };
}

/** What `npm run rotation -- ARGS` runs. */
export function driverCommand(project: string, args: readonly string[]): Pick<Command, "command" | "args" | "cwd"> {
  return { command: process.execPath, args: [...typescriptArgs, "rotation/main.ts", ...args], cwd: project };
}

export function markIn(line: string, atMs: number): StepMark | undefined {
  const [, secret, word] = stepLine.exec(line) ?? [];
  const step = steps.find((known) => known === word);
  return secret !== undefined && step !== undefined ? { secret, step, atMs } : undefined;
}

function parseReport(stdout: string): RunReport | undefined {
  try {
    return JSON.parse(stdout) as RunReport;
  } catch {
    return undefined;
  }
}

/** One step of one secret, from when to when. Milliseconds since the epoch. */
export interface StepSpan {
  readonly secret: string;
  readonly step: Step;
  readonly startMs: number;
  readonly endMs: number;
}

/** The steps of a run in the order in which they began; how long each took is what the driver has measured. */
export function spansOf({ marks, report }: Pick<DriverRun, "marks" | "report">): StepSpan[] {
  const taken = new Map(report.secrets.map(({ secret, seconds }) => [secret, seconds]));
  return marks.map(({ secret, step, atMs }) => {
    return { secret, step, startMs: atMs, endMs: atMs + (taken.get(secret)?.[step] ?? 0) * 1000 };
  });
}
