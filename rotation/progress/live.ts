import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import { type Step, steps } from "../errors";
import type { Observer } from "../observer";

export interface LiveProgress extends Observer {
  /** Shows the end of each secret and ends the list. */
  end(failed: ReadonlyMap<string, string>): Promise<void>;
}

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A live list for a terminal: one line for each secret with the step that it is at. */
export function liveProgress(secrets: readonly string[]): LiveProgress {
  const ends = new Map(secrets.map((secret) => [secret, Promise.withResolvers<void>()]));
  const tasks = new Map<string, Task>();
  const done = new Map<string, Step[]>(secrets.map((secret) => [secret, []]));
  const show = (secret: string, now: string) => {
    const task = tasks.get(secret);
    if (task) task.title = [secret, ...(done.get(secret) ?? []), now].filter(Boolean).join(" · ");
  };
  const list = new Listr(
    secrets.map((secret) => ({
      title: secret,
      task: (_: unknown, task: Task) => {
        tasks.set(secret, task);
        return ends.get(secret)?.promise;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      rendererOptions: { showErrorMessage: true },
      registerSignalListeners: false,
    },
  );
  const finished = list.run();
  return {
    stepStarted: (secret, step) => show(secret, `${step} …`),
    stepEnded(secret, step, error) {
      const before = done.get(secret) ?? [];
      if (!error)
        done.set(
          secret,
          steps.filter((s) => s === step || before.includes(s)),
        );
      show(secret, "");
    },
    async end(failed) {
      for (const [secret, { resolve, reject }] of ends) {
        const message = failed.get(secret);
        if (message === undefined) resolve();
        else reject(new Error(message));
      }
      await finished;
    },
  };
}
