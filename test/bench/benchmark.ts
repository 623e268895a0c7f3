import type { Stand } from "../demo/stand";

/** One measured figure. */
export interface Figure {
  readonly what: string;
  /** With its unit. */
  readonly measured: string;
  /** What it is compared with. */
  readonly target?: string;
  /** Whether the target is met; undefined where there is none. */
  readonly met?: boolean;
}

export interface BenchContext {
  /** The shared stand: sandbox, stack `dev`, both sample services, first values written. */
  stand(): Promise<Stand>;
  /** Aborted when the benchmark has taken too long, or by Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
  /** A line below the table: how a figure was computed, what it does not say. */
  readonly remark: (line: string) => void;
}

export interface Benchmark {
  /** As given on the command line; the file's name. */
  readonly name: string;
  readonly title: string;
  /** After this time it is given up. The start of the shared stand is not part of it. */
  readonly timeoutSeconds: number;
  /** Whether it needs the shared stand; if not, that is ended first, so that the benchmark has the machine for itself. */
  readonly usesStand: boolean;
  /** How long it takes, when that is too long for a run of all: it runs only when it is named. */
  readonly byNameOnly?: string;
  readonly run: (context: BenchContext) => Promise<readonly Figure[]>;
}

/** A figure with an upper limit in the same unit. */
export function atMost(what: string, value: number, limit: number, unit: string, shown?: string): Figure {
  return {
    what,
    measured: shown ?? inUnit(value, unit),
    target: `at most ${limit} ${unit}`.trim(),
    met: value <= limit,
  };
}

/** A figure that has to be nothing at all. */
export function none(what: string, count: number): Figure {
  return { what, measured: String(count), target: "0", met: count === 0 };
}

function inUnit(value: number, unit: string): string {
  const digits = unit === "s" ? 2 : unit === "MB" ? 0 : 2;
  return `${value.toFixed(digits)} ${unit}`.trim();
}
