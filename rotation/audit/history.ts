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

async function read(place: AuditPlace, { environment, name, limit }: HistoryQuery) {
  const runs: AuditRecord[] = [];
  let foreign = 0;
  for await (const record of place.runs(environment)) {
    if (record === undefined) foreign += 1;
    else if (name === undefined || record.secrets.some((secret) => secret.name === name)) runs.push(record);
    if (runs.length >= limit) break;
  }
  return { runs, foreign };
}
