import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Hit, type Needle, searchBytes } from "./needles";

export interface FolderSearch {
  readonly hits: readonly Hit[];
  readonly files: number;
  readonly bytes: number;
}

/** Looks for values in every file of a folder, at any depth. */
export function searchFolder(folder: string, needles: readonly Needle[]): FolderSearch {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  let bytes = 0;
  const hits = entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    bytes += content.length;
    return searchBytes(relative(folder, path), content, needles);
  });
  return { hits, files: entries.length, bytes };
}
