// The guard of one sandbox: it holds the reading end of a pipe whose only writing end is in the main process. When that ends,
// in whatever way, the kernel closes the pipe, and the guard ends everything the sandbox has started.
import { rmSync } from "node:fs";
import { endProcesses } from "./endProcesses";
import { isRunning } from "./processTable";
import { registered } from "./registry";

// The list of processes. It is inherited open, as somebody may remove the folder while the sandbox runs.
const list = 3;

async function endAll(): Promise<void> {
  // The kubelet may have started a pod while it was being ended: look again until there is nothing left.
  for (;;) {
    const left = registered(list).filter(isRunning);
    if (left.length === 0) return;
    await endProcesses(left);
  }
}

async function main(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  // Nothing is ever sent: only the end of the stream means something.
  const { stdin } = process;
  await new Promise<void>((resolve) =>
    stdin
      .resume()
      .once("close", resolve)
      .once("error", () => resolve()),
  );
  await endAll();
  for (const path of process.argv.slice(2)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
