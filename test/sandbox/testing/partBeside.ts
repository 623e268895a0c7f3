import { sandboxPaths } from "../paths";
import { endProcesses } from "../process/endProcesses";
import { type Part, spawnPart, tail } from "../process/parts";
import { isRunning } from "../process/processTable";
import { waitFor } from "../process/waitFor";
import type { Sandbox } from "../sandbox";

/** A server that one test runs beside the sandbox. It ends with the sandbox at the latest. */
export interface PartBeside {
  /** The file with all it has written. */
  readonly log: string;
  end(): Promise<void>;
}

/** Starts it, and waits until it serves. @throws Error with the end of its log */
export async function startBeside({ dir }: Sandbox, part: Part): Promise<PartBeside> {
  const { name, endBy = "SIGTERM" } = part;
  const paths = sandboxPaths(dir);
  const log = paths.log(name);
  const env = { PATH: process.env.PATH ?? "" };
  const { child, identity, output } = await spawnPart(part, { log, registry: paths.registry, cwd: dir, env });
  child.unref();
  const ready = async () => {
    if (!isRunning(identity)) throw new Error(`${name} ended; the end of ${log}:\n${tail(log)}`);
    return part.ready(output);
  };
  await waitFor(`${name} to serve`, ready, { timeoutMs: 30_000 });
  return { log, end: () => endProcesses([{ ...identity, name, kind: "part", endBy }]) };
}
