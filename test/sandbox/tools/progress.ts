/** Tells a person what goes on, on stderr: one live line on a terminal, plain lines with the elapsed time elsewhere. */
export interface Task {
  /** What happens within the task at the moment; shown on the live line. */
  note(text: string): void;
  done(result?: string): void;
  /** It was not possible, and that is no failure. */
  skip(reason: string): void;
  fail(): void;
}

const plainIntervalMs = 30_000;
const liveIntervalMs = 500;

export function seconds(ms: number): string {
  const total = ms / 1000;
  if (total < 60) return `${total.toFixed(1)} s`;
  return `${Math.floor(total / 60)} min ${Math.round(total % 60)} s`;
}

/** Several tasks may go on at once; they share the live line. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): (title: string) => Task {
  const live = stream.isTTY === true;
  const running = new Map<string, { started: number; note: string }>();
  let timer: NodeJS.Timeout | undefined;

  const clear = () => live && stream.write("\r\x1b[2K");
  const line = ([title, { started, note }]: [string, { started: number; note: string }]) =>
    `${title} … ${seconds(Date.now() - started)}${note && `  ${note}`}`;
  const tick = () => {
    if (live)
      stream.write(
        `\r\x1b[2K${[...running]
          .map(line)
          .join("   ")
          .slice(0, (stream.columns || 80) - 1)}`,
      );
    else for (const task of running) stream.write(`  ${line(task)}\n`);
  };
  const end = (title: string, text: string) => {
    running.delete(title);
    clear();
    stream.write(`${text}\n`);
    if (running.size === 0) clearInterval(timer);
  };

  return (title) => {
    const started = Date.now();
    if (running.size === 0) {
      timer = setInterval(tick, live ? liveIntervalMs : plainIntervalMs);
      timer.unref();
    }
    running.set(title, { started, note: "" });
    if (live) tick();
    return {
      note: (note) => running.set(title, { started, note }),
      done: (result) => end(title, `  ✓ ${title}${result ? ` (${result})` : ""}  ${seconds(Date.now() - started)}`),
      skip: (reason) => end(title, `  – ${title}: ${reason}`),
      fail: () => end(title, `  ✗ ${title}  ${seconds(Date.now() - started)}`),
    };
  };
}
