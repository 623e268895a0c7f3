import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Leaks } from "./leaks";
import type { MemoryStore } from "./memoryStore";
import type { Order, Told } from "./messages";
import { watchProcesses } from "./processWatch";
import { storeMethods } from "./remoteStore";

/** What the process that starts the rotator's keeps. */
export interface Keeper {
  readonly store: MemoryStore | undefined;
  readonly leaks: Leaks;
  /** Aborted: nothing runs on. */
  readonly signal: AbortSignal;
}

/** How a process with the rotator ended. */
export interface Ending {
  /** It was killed at a point. */
  readonly wasKilled: boolean;
  /** Why the order failed; undefined: it is done. */
  readonly failure: string | undefined;
}

export const places = { processes: "processes", output: "output", errors: "errors" } as const;

/** Has a new process carry out one order, and ends with it, whatever it has started. */
export function runOrder(order: Order, { store, leaks, signal }: Keeper, heard: (told: Told) => void): Promise<Ending> {
  signal.throwIfAborted();
  const child = fork(join(__dirname, "workerMain.ts"), [], {
    execArgv: ["-r", join(__dirname, "../../policies/typescript.js")],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
    // A group of its own, so that what it has started ends with it.
    detached: true,
  });
  const unwatch = watchProcesses(child.pid ?? 0, (text) => leaks.saw(places.processes, text));
  const end = () => endGroup(child);
  signal.addEventListener("abort", end, { once: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  let ended: { failure: string | undefined } | undefined;
  child.on("message", (told: Told) => {
    if ("call" in told) return void answer(child, store, leaks, told);
    if ("ended" in told) ended = { failure: told.ended };
    if ("made" in told) leaks.add(JSON.stringify(told.made));
    if ("said" in told) leaks.saw(places.errors, told.said);
    if ("started" in told) for (const text of told.started) leaks.saw(places.processes, text);
    heard(told);
  });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, killedBy) => {
      unwatch();
      end();
      signal.removeEventListener("abort", end);
      leaks.saw(places.output, output);
      if (ended?.failure !== undefined) leaks.saw(places.errors, ended.failure);
      if (signal.aborted) return reject(signal.reason as Error);
      if (ended) return resolve({ ...ended, wasKilled: false });
      const wasKilled = killedBy === "SIGKILL";
      resolve({ wasKilled, failure: wasKilled ? undefined : `its process ended by itself (${killedBy ?? code})` });
    });
  });
}

async function answer(
  child: ChildProcess,
  store: MemoryStore | undefined,
  leaks: Leaks,
  { call, method, args }: Extract<Told, { call: number }>,
): Promise<void> {
  const name = storeMethods.find((one) => one === method);
  try {
    if (!store || !name) throw new Error(`the store has no ${method}`);
    if (name === "write") leaks.add(String(args[0]));
    const result: unknown = await (store[name] as (...given: readonly unknown[]) => Promise<unknown>)(...args);
    if (name === "value" && typeof result === "string") leaks.add(result);
    reply({ call, result });
  } catch (error) {
    const { name: kind, message } = error as Error;
    reply({ call, error: { name: kind, message } });
  }
  function reply(message: object): void {
    // It may have been killed meanwhile.
    if (child.connected) child.send(message, () => undefined);
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it runs any more.
  }
}
