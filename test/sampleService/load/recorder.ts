import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Counts, Failure, FailureWindow, LoadReport } from "./report";

const keptFailures = 10_000;

interface Tally {
  sent: number;
  failed: number;
  readonly latency: RecordableHistogram;
}

/** Counts requests as they end; a report may be taken at any time. */
export class Recorder {
  readonly #startedAt = new Date();
  readonly #total = newTally();
  readonly #byService = new Map<string, Tally>();
  readonly #byPath = new Map<string, Tally>();
  readonly #windows = new Map<string, FailureWindow>();
  readonly #failures: Failure[] = [];
  #skipped = 0;

  /** A request was answered as it should be. Latency in milliseconds. */
  succeeded(service: string, path: string, latencyMs: number): void {
    for (const tally of this.#tallies(service, path)) {
      tally.sent++;
      tally.latency.record(Math.max(1, Math.round(latencyMs * 1_000)));
    }
  }

  failed(failure: Failure): void {
    const { at, kind, service, path } = failure;
    for (const tally of this.#tallies(service, path)) {
      tally.sent++;
      tally.failed++;
    }
    const window = this.#windows.get(kind);
    this.#windows.set(kind, { kind, count: (window?.count ?? 0) + 1, first: window?.first ?? at, last: at });
    if (this.#failures.length < keptFailures) this.#failures.push(failure);
  }

  skipped(): void {
    this.#skipped++;
  }

  report(): LoadReport {
    const endedAt = new Date();
    const seconds = (endedAt.getTime() - this.#startedAt.getTime()) / 1_000;
    return {
      startedAt: this.#startedAt,
      endedAt,
      requestsPerSecond: seconds > 0 ? this.#total.sent / seconds : 0,
      skipped: this.#skipped,
      total: counts(this.#total),
      byService: countsOfEach(this.#byService),
      byPath: countsOfEach(this.#byPath),
      failureWindows: [...this.#windows.values()],
      failures: [...this.#failures],
    };
  }

  #tallies(service: string, path: string): readonly Tally[] {
    return [this.#total, tallyOf(this.#byService, service), tallyOf(this.#byPath, `${service} ${path}`)];
  }
}

function newTally(): Tally {
  return { sent: 0, failed: 0, latency: createHistogram() };
}

function tallyOf(tallies: Map<string, Tally>, key: string): Tally {
  const tally = tallies.get(key) ?? newTally();
  tallies.set(key, tally);
  return tally;
}

function countsOfEach(tallies: ReadonlyMap<string, Tally>): Record<string, Counts> {
  return Object.fromEntries([...tallies].sort().map(([key, tally]) => [key, counts(tally)]));
}

function counts({ sent, failed, latency }: Tally): Counts {
  const ms = (microseconds: number) => (latency.count === 0 ? 0 : microseconds / 1_000);
  const [p50, p95, p99] = [50, 95, 99].map((percentile) => ms(latency.percentile(percentile))) as [
    number,
    number,
    number,
  ];
  return { sent, failed, latencyMs: { p50, p95, p99, max: ms(latency.max) } };
}
