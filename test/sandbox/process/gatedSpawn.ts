import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { ProcessIdentity } from "./processTable";
import { type RegisteredProcess, register } from "./registry";

export interface GatedCommand extends Omit<RegisteredProcess, "pid" | "startTime"> {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** A file descriptor that takes stdout and stderr. */
  readonly log: number;
  readonly uid?: number;
  readonly gid?: number;
  /** The list of processes that the guard ends. */
  readonly registry: string;
}

export interface GatedProcess {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity;
}

// The shell waits at a gate (file descriptor 3) and becomes the command by exec, keeping its pid. If this process dies before
// it opens the gate, the shell reads the end of the file and ends: nothing ever runs that the guard does not know.
const gate = 'read -r go <&3 || exit 1; exec 3<&-; unset go PWD OLDPWD SHLVL _; exec "$@"';

/** Starts a command in a process group of its own once it is in the list of processes. */
export async function gatedSpawn(spec: GatedCommand): Promise<GatedProcess> {
  const child = spawn("/bin/sh", ["-c", gate, "sh", spec.command, ...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ["ignore", spec.log, spec.log, "pipe"],
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  if (child.pid === undefined) throw new Error(`${spec.name} has no pid`);
  const identity = register(spec.registry, child.pid, { name: spec.name, kind: spec.kind, endBy: spec.endBy });
  const opener = child.stdio[3] as Writable;
  opener.on("error", () => undefined); // whoever was killed at the gate needs no go
  opener.end("go\n");
  return { child, identity };
}
