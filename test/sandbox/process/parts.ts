import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { fewCollections } from "../env";
import type { SandboxPaths } from "../paths";
import { writeAtomically } from "./atomicFile";
import { endProcesses } from "./endProcesses";
import { type GatedProcess, gatedSpawn } from "./gatedSpawn";
import { isRunning, type ProcessIdentity } from "./processTable";
import { waitFor } from "./waitFor";

/** One server of the sandbox. */
export interface Part {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly endBy?: NodeJS.Signals;
  /** Throws, or gives false, as long as the part does not serve yet; `output` gives what it has written so far. */
  ready(output: () => string): Promise<boolean> | boolean;
}

/** What parts.json says about each part. */
export interface RunningPart extends ProcessIdentity {
  readonly log: string;
}

const readyMs = 60_000;
const tailLines = 15;

export function tail(file: string, lines = tailLines): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

/** Opens a log to go on with it. @returns its descriptor, and what is written from now on: not what an earlier process wrote */
export function openLog(log: string): { descriptor: number; output: () => string } {
  const descriptor = openSync(log, "a", 0o600);
  const { size } = fstatSync(descriptor);
  return { descriptor, output: () => readFileSync(log).subarray(size).toString("utf8") };
}

interface PartsPlace {
  readonly log: string;
  readonly registry: string;
  /** Where the part names none. */
  readonly cwd: string;
  /** The part's own is laid over it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a part's process. @returns it, and what it writes into its log */
export async function spawnPart(
  { name, command, args, uid, gid, cwd, env, endBy = "SIGTERM" }: Part,
  place: PartsPlace,
): Promise<GatedProcess & { output: () => string }> {
  const { descriptor, output } = openLog(place.log);
  const spawned = await gatedSpawn({
    ...{ name, kind: "part", command, args, endBy, log: descriptor, registry: place.registry },
    ...{ cwd: cwd ?? place.cwd, env: { ...place.env, ...env } },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  }).finally(() => closeSync(descriptor));
  return { ...spawned, output };
}

/** Starts the parts of one sandbox, and starts them again after they ended. */
export class Parts {
  readonly #running = new Map<string, { part: Part; process: GatedProcess }>();
  /** Why no part is started any more. */
  #ending: Error | undefined;

  constructor(
    private readonly paths: SandboxPaths,
    private readonly path: string,
    private readonly onUnexpectedEnd: (name: string, how: string, log: string) => void,
  ) {}

  /** Starts a part and waits until it serves. @throws Error with the end of its log if it ends or is not ready in time */
  async start(part: Part): Promise<void> {
    this.#throwIfEnding();
    const log = this.paths.log(part.name);
    const { dir: cwd, registry } = this.paths;
    const env = { PATH: this.path, HOME: cwd, ...fewCollections };
    const { output, ...process } = await spawnPart(part, { log, registry, cwd, env });
    this.#running.set(part.name, { part, process });
    this.#writeList();
    let ended: string | undefined;
    let isReady = false;
    process.child.once("exit", (code, signal) => {
      ended = signal ?? `exit code ${code}`;
      if (isReady && !this.#ending) this.onUnexpectedEnd(part.name, ended, log);
    });
    const settled = async () => ended !== undefined || this.#ending !== undefined || (await part.ready(output));
    await waitFor(`${part.name} to serve`, settled, { timeoutMs: readyMs }).catch((cause: Error) => {
      throw new Error(`${cause.message}; the end of ${log}:\n${tail(log)}`, { cause });
    });
    this.#throwIfEnding();
    if (ended !== undefined) throw new Error(`${part.name} ended (${ended}); the end of ${log}:\n${tail(log)}`);
    isReady = true;
  }

  /** Ends what is left of a part and starts it with the same arguments. @throws Error if there is no such part */
  async restart(name: string): Promise<void> {
    const known = this.#running.get(name);
    if (!known) throw new Error(`there is no part ${name}; there are ${[...this.#running.keys()].join(", ")}`);
    const { part, process } = known;
    if (isRunning(process.identity)) {
      process.child.removeAllListeners("exit");
      await endProcesses([{ ...process.identity, name, kind: "part", endBy: part.endBy ?? "SIGTERM" }]);
    }
    await this.start(part);
  }

  /** From now on no part is started, and it is expected that those that run end. @param reason the first one is told */
  beginEnd(reason = new Error("the sandbox is being stopped")): void {
    this.#ending ??= reason;
  }

  #throwIfEnding(): void {
    if (this.#ending) throw this.#ending;
  }

  #writeList(): void {
    const list: Record<string, RunningPart> = {};
    for (const [name, { process }] of this.#running) list[name] = { ...process.identity, log: this.paths.log(name) };
    writeAtomically(this.paths.parts, `${JSON.stringify(list, undefined, 2)}\n`);
  }
}
