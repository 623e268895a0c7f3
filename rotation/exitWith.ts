/**
 * Ends the process when all that it has written is with its readers: `process.exit` alone drops what a pipe has not taken yet, which
 * is more than 64 KB of it at a time.
 *
 * @see https://nodejs.org/api/process.html#a-note-on-process-io
 */
export async function exitWith(code: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit(code);
}

/** A reader that has gone takes no more, and is waited for no longer. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}
