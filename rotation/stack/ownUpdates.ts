import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { LockHolder } from "./lockHolder";

/** An engine takes the stack's lock within seconds of its start. */
const locksWithinMs = 120_000;
/** Whoever has seen a lock before it was cleared has told of it by then. */
const clearedForMs = 3_600_000;

/**
 * The driver's notes of its own updates, in its private home: written before an engine starts, gone when that has ended
 * by itself. A lock tells a host name and a process id only, which virtual machines and containers of one image share:
 * that its holder was an engine of this machine, and is dead, is known by such a note alone.
 */
export class OwnUpdates {
  readonly #folder: string;
  readonly #prefix: string;

  /** @param home  see engineHome */
  constructor(home: string, stack: string) {
    this.#folder = join(home, "updates");
    this.#prefix = `${encodeURIComponent(stack)}@`;
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Before an engine starts. */
  begin(now = Date.now()): OwnUpdate {
    const own = { startedMs: now, file: join(this.#folder, `${this.#prefix}${now}-${process.pid}`) };
    writeFileSync(own.file, thisMachine());
    return own;
  }

  /** The engine of this one was refused the lock. */
  refused({ file }: OwnUpdate): void {
    rmSync(file, { force: true });
  }

  /** The engine of this one had the lock and gave it back: no older one has it. */
  ended({ startedMs }: OwnUpdate): void {
    for (const note of this.#all()) if (note.startedMs <= startedMs) rmSync(note.file, { force: true });
    for (const file of this.#files().filter((name) => name.includes("@cleared-"))) {
      const path = join(this.#folder, file);
      const writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (writtenMs < Date.now() - clearedForMs) rmSync(path, { force: true });
    }
  }

  /** Whether an engine of this machine took this lock. */
  took({ since }: LockHolder): boolean {
    const lockedMs = Date.parse(since);
    return this.#all().some(({ startedMs, file }) => {
      // The lock tells whole seconds.
      const isThen = lockedMs > startedMs - 1000 && lockedMs < startedMs + locksWithinMs;
      return isThen && readFileSync(file, "utf8") === thisMachine();
    });
  }

  /** Of several drivers that see the same dead lock, the first one is to clear it: clearing takes away any newer one too. */
  claim({ pid, since }: LockHolder): boolean {
    try {
      writeFileSync(join(this.#folder, `${this.#prefix}cleared-${pid}-${Date.parse(since)}`), "", { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  #all(): OwnUpdate[] {
    return this.#files().flatMap((name) => {
      const [, startedMs] = /@(\d+)-\d+$/.exec(name) ?? [];
      return startedMs === undefined ? [] : [{ startedMs: Number(startedMs), file: join(this.#folder, name) }];
    });
  }

  #files(): string[] {
    return readdirSync(this.#folder).filter((name) => name.startsWith(this.#prefix));
  }
}

interface OwnUpdate {
  readonly startedMs: number;
  readonly file: string;
}

/** This start of this machine, and within it these processes: a container has its own. Elsewhere than on Linux its name. */
function thisMachine(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}
