import { AuditError, describeError } from "../errors";
import type { AuditPlace } from "./places/place";
import type { AuditRecord } from "./record";

export interface History {
  /** The place that was read. */
  readonly place: string;
  /** The newest first. */
  readonly runs: readonly AuditRecord[];
  /** What is worth a word: places that could not be read, entries that are no records. */
  readonly remarks: readonly string[];
}

export interface HistoryQuery {
  readonly environment: string;
  /** Only runs of this secret. */
  readonly name: string | undefined;
  readonly limit: number;
  /** Only runs that started on these UTC days, e.g. `2026-01-01`, both with them. */
  readonly period?: { readonly from: string; readonly to: string };
}

/**
 * The last runs, from the first place that can be read.
 *
 * @throws {AuditError} when none can
 */
export async function historyOf(places: readonly AuditPlace[], query: HistoryQuery): Promise<History> {
  const failures: string[] = [];
  for (const place of places) {
    try {
      const { runs, foreign } = await read(place, query);
      const remarks = failures.map((failure) => `cannot be read: ${failure}`);
      if (foreign > 0) remarks.push(`${place.name}: ${foreign} entries are no records that this version knows`);
      return { place: place.name, runs, remarks };
    } catch (error) {
      failures.push(`${place.name}: ${describeError(error)}`);
    }
  }
  throw new AuditError(`the audit trail cannot be read: ${failures.join("; ")}`);
}

async function read(place: AuditPlace, { environment, name, limit, period }: HistoryQuery) {
  const runs: AuditRecord[] = [];
  let foreign = 0;
  for await (const record of place.runs(environment)) {
    const day = record?.startedAt.slice(0, 10) ?? "";
    // They come by their start, but a file has them as they were written.
    if (period && record && day < dayBefore(period.from)) break;
    if (record === undefined) foreign += 1;
    else if (period && (day < period.from || day > period.to)) continue;
    else if (name === undefined || record.secrets.some((secret) => secret.name === name)) runs.push(record);
    if (runs.length >= limit) break;
  }
  return { runs, foreign };
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
