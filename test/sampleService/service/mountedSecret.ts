import { readFileSync, readlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Reads keys of a mounted Secret, all of one version: a new username never comes with an old password.
 * The kubelet replaces a Secret as a whole, by moving the link `..data` to another directory; so the link is
 * resolved once, and the read starts again where that directory was removed meanwhile.
 *
 * @throws {Error} ENOENT with the path, when a key is not there.
 */
export function readMountedSecret<Key extends string>(directory: string, keys: readonly Key[]): Record<Key, string> {
  for (;;) {
    const version = versionDirectory(directory);
    try {
      return Object.fromEntries(keys.map((key) => [key, readFileSync(join(version, key), "utf8")])) as Record<
        Key,
        string
      >;
    } catch (error) {
      if (versionDirectory(directory) === version) throw error;
    }
  }
}

function versionDirectory(directory: string): string {
  try {
    return resolve(directory, readlinkSync(join(directory, "..data")));
  } catch {
    return directory; // plain files, as in a container that has them baked in or on a developer's machine
  }
}
