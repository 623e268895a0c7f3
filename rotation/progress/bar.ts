import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import { Counts } from "./counts";
import type { LiveProgress } from "./live";

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

const width = 30;
/** Failures that are shown beneath; the table at the end has all. */
const shownFailures = 5;

/** A live bar for a terminal: how many of many secrets are done, what the others are at, and the latest failures. */
export function barProgress(total: number): LiveProgress {
  const counts = new Counts(total);
  const ended = Promise.withResolvers<void>();
  let shown: Task | undefined;
  let noted = "";
  const show = () => {
    if (!shown) return;
    const filled = Math.round(counts.share * width);
    const line = [`${"█".repeat(filled)}${"░".repeat(width - filled)}`, String(counts), noted]
      .filter(Boolean)
      .join(" ");
    const latest = [...counts.failures.values()].slice(-shownFailures);
    shown.title = [line, ...latest.map((text) => `  failed: ${text}`)].join("\n");
  };
  const task = (_: unknown, own: Task) => {
    shown = own;
    show();
    return ended.promise;
  };
  const list = new Listr([{ title: "", task }], { exitOnError: false, registerSignalListeners: false });
  const finished = list.run();
  return {
    stepStarted(secret, step) {
      counts.stepStarted(secret, step);
      show();
    },
    stepEnded(secret, step, error) {
      counts.stepEnded(secret, step, error);
      show();
    },
    note(text) {
      noted = `(${text})`;
      show();
    },
    async end(failed) {
      for (const [secret, message] of failed) if (!counts.failures.has(secret)) counts.failures.set(secret, message);
      show();
      ended.resolve();
      await finished;
    },
  };
}
