import { renameSync, writeFileSync } from "node:fs";

/** Writes a file so that a reader sees the old one or the whole new one. */
export function writeAtomically(file: string, text: string, mode = 0o600): void {
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, file);
}
