import { mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Writes a Secret's keys into a mounted directory as the kubelet does: all at once, by moving the link `..data`. */
export function publishSecret(directory: string, data: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true });
  const version = mkdtempSync(join(directory, "..version"));
  for (const [key, value] of Object.entries(data)) writeFileSync(join(version, key), value);
  const before = currentVersion(directory);
  const link = join(directory, "..data_tmp");
  symlinkSync(basename(version), link);
  renameSync(link, join(directory, "..data"));
  if (before === undefined) {
    for (const key of Object.keys(data)) symlinkSync(join("..data", key), join(directory, key));
  } else rmSync(before, { recursive: true });
}

function currentVersion(directory: string): string | undefined {
  try {
    return join(directory, readlinkSync(join(directory, "..data")));
  } catch {
    return undefined;
  }
}
