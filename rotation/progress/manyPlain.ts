import type { Observer } from "../observer";
import { Counts } from "./counts";

/** Milliseconds between two lines of counts. */
const everyMs = 5_000;

/** For logs and pipes: counts every few seconds, and a line for each secret that fails. */
export function manyPlain(
  total: number,
  write: (line: string) => void,
  nowMs: () => number = () => performance.now(),
): Observer {
  const counts = new Counts(total);
  let toldMs = nowMs();
  const tell = () => {
    if (nowMs() - toldMs < everyMs) return;
    toldMs = nowMs();
    write(String(counts));
  };
  return {
    stepStarted(secret, step) {
      counts.stepStarted(secret, step);
      tell();
    },
    stepEnded(secret, step, error) {
      const known = counts.failures.has(secret);
      counts.stepEnded(secret, step, error);
      const failure = counts.failures.get(secret);
      if (failure !== undefined && !known) write(`failed: ${failure}`);
      tell();
    },
  };
}

/** For programs: each step as a line of JSON, with seconds since the start. Never a value. */
export function eventLines(write: (line: string) => void, nowMs: () => number = () => performance.now()): Observer {
  const startMs = nowMs();
  const tell = (event: object) => write(JSON.stringify({ seconds: Math.round(nowMs() - startMs) / 1000, ...event }));
  return {
    stepStarted: (secret, step) => tell({ event: "stepStarted", secret, step }),
    stepEnded: (secret, step, error) => tell({ event: "stepEnded", secret, step, failed: error !== undefined }),
  };
}
