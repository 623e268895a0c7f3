import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { repository, typescriptArgs } from "../paths";
import { endProcesses } from "./endProcesses";
import { identify, isRunning, type ProcessIdentity } from "./processTable";
import { registered } from "./registry";

export interface Guard {
  readonly identity: ProcessIdentity;
  /** Resolves when the guard has ended, which before `endAll` it should not. */
  readonly ended: Promise<unknown>;
  /** Ends everything in the list of processes; resolves when all are gone. @throws Error if something could not be ended */
  endAll(): Promise<void>;
}

/**
 * Starts the guard. Its end of the pipe is open from the moment this returns.
 * @param registry the list of processes, which is created
 * @param remove what the guard removes when all are gone
 * @param log a file descriptor for what it writes
 */
export function startGuard(registry: string, remove: readonly string[], log: number): Guard {
  const list = openSync(registry, "a+", 0o600);
  const args = [...typescriptArgs, join(__dirname, "guard.ts"), ...remove];
  // A session of its own: the terminal's Ctrl-C goes to the main process alone.
  const options = { cwd: repository, detached: true, stdio: ["pipe" as const, log, log, list] };
  const child: ChildProcess = spawn(process.execPath, args, options);
  closeSync(list);
  if (child.pid === undefined) throw new Error("the guard process could not be started");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    identity: identify(child.pid),
    ended,
    async endAll() {
      child.stdin?.on("error", () => undefined).end();
      if ((await ended) !== 0) await endProcesses(registered(registry).filter(isRunning)); // somebody has killed the guard
    },
  };
}
