import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const everyMs = 20;

/** Collects what is written into a folder, also into files that are there for a moment only. */
export class FolderWatch {
  /** By file, each different content once. */
  readonly seen = new Map<string, Set<string>>();
  readonly #timer: NodeJS.Timeout;

  constructor(readonly folder: string) {
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  #look(): void {
    for (const entry of readdirSync(this.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = relative(this.folder, path);
      try {
        this.seen.set(name, (this.seen.get(name) ?? new Set()).add(readFileSync(path, "latin1")));
      } catch {
        // It is gone already.
      }
    }
  }

  end(): void {
    this.#look();
    clearInterval(this.#timer);
  }
}
