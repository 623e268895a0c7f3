import type { StepSpan } from "./driver";
import type { Sample } from "./sampler";
import { type Column, textTable } from "./textTable";

export interface TimelineOptions {
  /** Columns, in this order. */
  readonly secrets: readonly string[];
  readonly spans: readonly StepSpan[];
  readonly samples: readonly Sample[];
  /** The moment that is 0 s: when the command was started. Milliseconds since the epoch. */
  readonly zeroMs: number;
}

interface Row {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sent: number;
  readonly failed: number;
  /** By secret: the steps that began in this time, `|` where one went on, else nothing. */
  readonly cells: readonly string[];
}

const width = 100;
const goesOn = "|";
const left: readonly Column[] = [
  { width: 11, numeric: true },
  { width: 5, numeric: true },
  { width: 6, numeric: true },
];

/** Which step of which secret was under way when, with the load beside it: a row per sample, steady times in one row. */
export function timeline({ secrets, spans, samples, zeroMs }: TimelineOptions): string {
  const rows = samples.slice(1).map((sample, i) => rowOf(samples[i] ?? sample, sample, secrets, spans));
  const rest = width - left.reduce((sum, column) => sum + column.width + 1, 0) - 1;
  const columns = [...left, { width: 0 }, ...secrets.map(() => ({ width: Math.floor(rest / secrets.length) - 1 }))];
  const seconds = (ms: number) => ((ms - zeroMs) / 1000).toFixed(1);
  return textTable(columns, [
    ["seconds", "req/s", "failed", "", ...secrets],
    ...merged(rows).map(({ fromMs, toMs, sent, failed, cells }) => {
      const rate = Math.round((sent * 1000) / Math.max(1, toMs - fromMs));
      return [`${seconds(fromMs)} – ${seconds(toMs)}`, String(rate), String(failed), "", ...cells];
    }),
  ]);
}

function rowOf(before: Sample, sample: Sample, secrets: readonly string[], spans: readonly StepSpan[]): Row {
  const [fromMs, toMs] = [before.atMs, sample.atMs];
  const cells = secrets.map((secret) => {
    const own = spans.filter((span) => span.secret === secret);
    const begun = own.filter(({ startMs }) => startMs >= fromMs && startMs < toMs).map(({ step }) => step);
    if (begun.length > 0) return begun.join(" ");
    return own.some(({ startMs, endMs }) => startMs < fromMs && endMs > fromMs) ? goesOn : "";
  });
  return { fromMs, toMs, sent: sample.sent - before.sent, failed: sample.failed - before.failed, cells };
}

/** Rows one after the other in which no step began and nothing failed become one, if the same is under way in all. */
function merged(rows: readonly Row[]): Row[] {
  const steady = ({ cells, failed }: Row) => failed === 0 && cells.every((cell) => cell === "" || cell === goesOn);
  const result: Row[] = [];
  for (const row of rows) {
    const last = result.at(-1);
    const same = last?.cells.every((cell, i) => cell === row.cells[i]);
    if (last && same && steady(last) && steady(row))
      result[result.length - 1] = { ...last, toMs: row.toMs, sent: last.sent + row.sent };
    else result.push(row);
  }
  return result;
}
