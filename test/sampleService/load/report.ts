/** What happened to the requests of one kind. */
export interface Counts {
  readonly sent: number;
  readonly failed: number;
  /** Of the requests that did not fail, in milliseconds; 0 where there were none. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export interface Failure {
  readonly at: Date;
  readonly service: string;
  readonly path: string;
  /** `HTTP 500 28P01` (status and the error's code), a code as ECONNREFUSED or ECONNRESET, TIMEOUT, NO_ENDPOINT. */
  readonly kind: string;
}

/** All failures of one kind. */
export interface FailureWindow {
  readonly kind: string;
  readonly count: number;
  readonly first: Date;
  readonly last: Date;
}

/** What a load has done since its start. */
export interface LoadReport {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Sent, on average over the whole time. */
  readonly requestsPerSecond: number;
  /** Requests that were due but not sent, as too many were under way: the load was less than it should have been. */
  readonly skipped: number;
  readonly total: Counts;
  readonly byService: Readonly<Record<string, Counts>>;
  /** By `<service> <path>`. */
  readonly byPath: Readonly<Record<string, Counts>>;
  readonly failureWindows: readonly FailureWindow[];
  /** Each failure, at most the first 10,000 of them. */
  readonly failures: readonly Failure[];
}
