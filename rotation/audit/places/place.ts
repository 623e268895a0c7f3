import type { AuditRecord } from "../record";

const batchSize = 10;

/** A place that keeps records. What was written is never written over. */
export interface AuditPlace {
  /** For messages. */
  readonly name: string;
  append(record: AuditRecord): Promise<void>;
  /**
   * The last record of each run of an environment, the newest run first, read page after page as they are asked for;
   * undefined in place of what is no record.
   */
  runs(environment: string): AsyncIterable<AuditRecord | undefined>;
  /** Undefined: this place cannot keep them. */
  readonly notes?: Notes;
}

/** Short texts beside the records, by name; each is written once. */
export interface Notes {
  /** Where one of this name is there already, that one stays. */
  write(name: string, text: string): Promise<void>;
  /** Those whose name begins so, in the order of their names. */
  read(prefix: string): Promise<readonly string[]>;
}

/** The part of a key that is a run's own; sorted by name, runs are sorted by their start. */
export function keyOf({ environment, startedAt, runId }: AuditRecord): string {
  // Neither S3's tools nor the names of log streams like colons: ISO 8601 has a form without.
  return `${environment}/${startedAt.replaceAll(/[-:]/g, "")}-${runId}`;
}

/** Of the records of one run, the one of its end if it has ended. */
export function lastOf(records: readonly (AuditRecord | undefined)[]): AuditRecord | undefined {
  return records.find((record) => record?.state === "ended") ?? records.find((record) => record !== undefined);
}

/** Reads items some at a time, and keeps their order. */
export async function* readAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield* await Promise.all(batch.map(read));
    batch = [];
  }
  yield* await Promise.all(batch.map(read));
}
