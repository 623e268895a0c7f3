import { readFileSync } from "node:fs";
import { processEntry, processTable, sendSignal } from "../sandbox/process/processTable";

/** Kills every `pulumi` that works on a stack, as a machine without memory does. None of them runs when this returns. */
export function killEngineOf(stack: string): void {
  const engines = processTable().filter(({ pid }) => isEngineOf(stack, pid));
  for (const { pid } of engines) sendSignal(pid, "SIGKILL");
  while (engines.some(({ pid }) => processEntry(pid)));
}

function isEngineOf(stack: string, pid: number): boolean {
  try {
    const [command = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return /pulumi$/.test(command) && args.includes(stack);
  } catch {
    return false;
  }
}
