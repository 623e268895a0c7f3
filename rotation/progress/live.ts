import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import type { Observer } from "../observer";
import { type Step, steps } from "../steps";

export interface LiveProgress extends Observer {
  /** Shows the end of each secret and ends the list. */
  end(failed: ReadonlyMap<string, string>): Promise<void>;
  /** Says something beside every secret from now on: nothing else can be written while there is a list. */
  note(text: string): void;
}

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A live list for a terminal: one line for each secret with the step that it is at. */
export function liveProgress(secrets: readonly string[]): LiveProgress {
  const ends = new Map(secrets.map((secret) => [secret, Promise.withResolvers<void>()]));
  const tasks = new Map<string, Task>();
  const done = new Map<string, Step[]>(secrets.map((secret) => [secret, []]));
  const now = new Map<string, string>();
  let noted = "";
  const show = (secret: string) => {
    const task = tasks.get(secret);
    const title = [secret, ...(done.get(secret) ?? []), now.get(secret)].filter(Boolean).join(" · ");
    if (task) task.title = noted === "" ? title : `${title} (${noted})`;
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
    stepStarted(secret, step) {
      now.set(secret, `${step} …`);
      show(secret);
    },
    stepEnded(secret, step, error) {
      const before = done.get(secret) ?? [];
      if (!error)
        done.set(
          secret,
          steps.filter((s) => s === step || before.includes(s)),
        );
      now.delete(secret);
      show(secret);
    },
    note(text) {
      noted = text;
      secrets.forEach(show);
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
