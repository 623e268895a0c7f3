import { readFileSync } from "node:fs";
import { processTable, sendSignal } from "../sandbox/process/processTable";

/** Kills every `pulumi` that works on a stack, as a machine without memory does. */
export function killEngineOf(stack: string): void {
  for (const { pid } of processTable()) if (isEngineOf(stack, pid)) sendSignal(pid, "SIGKILL");
}

function isEngineOf(stack: string, pid: number): boolean {
  try {
    const [command = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return /pulumi$/.test(command) && args.includes(stack);
  } catch {
    return false;
  }
}
