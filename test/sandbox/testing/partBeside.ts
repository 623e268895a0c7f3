import { closeSync } from "node:fs";
import { join } from "node:path";
import { sandboxPaths } from "../paths";
import { endProcesses } from "../process/endProcesses";
import { gatedSpawn } from "../process/gatedSpawn";
import { openLog, type Part, tail } from "../process/parts";
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
  const { registry } = sandboxPaths(dir);
  const { name, command, args, env = {}, cwd = dir, uid, gid, endBy = "SIGTERM" } = part;
  const log = join(dir, "logs", `${name}.log`);
  const { descriptor, output } = openLog(log);
  const about = { name, kind: "part", endBy } as const;
  const { child, identity } = await gatedSpawn({
    ...{ ...about, command, args, cwd, log: descriptor, registry, env: { PATH: process.env.PATH ?? "", ...env } },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  }).finally(() => closeSync(descriptor));
  child.unref();
  const ready = async () => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${name} ended; the end of ${log}:\n${tail(log)}`);
    return part.ready(output);
  };
  await waitFor(`${name} to serve`, ready, { timeoutMs: 30_000 });
  return { log, end: () => endProcesses([{ ...identity, ...about }]) };
}
