import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { V1SecretVolumeSource } from "@kubernetes/client-node";
import { NotStartable } from "./podError";
import type { SecretData } from "./secretReader";

/** The files of a volume: relative path to content. */
export type VolumeFiles = ReadonlyMap<string, Buffer>;

/**
 * The files that a Secret volume shows.
 * @throws NotStartable if the Secret or a key that is asked for by name is missing
 */
export function volumeFiles(source: V1SecretVolumeSource, data: SecretData | undefined): VolumeFiles {
  const { secretName: name = "", items, optional } = source;
  const fail = (message: string) => new NotStartable("ContainerCreating", "FailedMount", message);
  if (!data) {
    if (optional) return new Map();
    throw fail(`MountVolume.SetUp failed: secret "${name}" not found`);
  }
  if (!items) return data;
  const files = new Map<string, Buffer>();
  for (const { key, path } of items) {
    const value = data.get(key);
    if (value) files.set(normalize(path), value);
    else if (!optional) throw fail(`MountVolume.SetUp failed: references non-existent secret key: ${key}`);
  }
  return files;
}

async function currentFiles(folder: string): Promise<Map<string, Buffer> | undefined> {
  try {
    const data = join(folder, await readlink(join(folder, "..data")));
    const entries = await readdir(data, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return new Map(
      await Promise.all(paths.map(async (path) => [path.slice(data.length + 1), await readFile(path)] as const)),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function same(a: VolumeFiles, b: VolumeFiles): boolean {
  return a.size === b.size && [...a].every(([path, content]) => b.get(path)?.equals(content));
}

/**
 * Writes a volume the way a kubelet does, so that a reader sees all old files or all new ones: the files go into a new
 * folder, and the link `..data`, through which every visible file is reached, is swapped to it.
 * @returns false if the volume already was like that
 */
export async function writeVolume(folder: string, files: VolumeFiles): Promise<boolean> {
  const before = await currentFiles(folder);
  if (before && same(before, files)) return false;
  const old = before && (await readlink(join(folder, "..data")));
  const fresh = `..${process.hrtime.bigint()}`;
  await mkdir(join(folder, fresh), { recursive: true, mode: 0o700 });
  for (const [path, content] of files) {
    await mkdir(join(folder, fresh, dirname(path)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, fresh, path), content, { mode: 0o400 });
  }
  await symlink(fresh, join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  await updateVisible(folder, new Set([...files.keys()].map((path) => path.split("/")[0] ?? path)));
  if (old) await rm(join(folder, old), { recursive: true, force: true });
  return true;
}

async function updateVisible(folder: string, names: ReadonlySet<string>): Promise<void> {
  const present = new Set((await readdir(folder)).filter((name) => !name.startsWith("..")));
  for (const name of names) if (!present.has(name)) await symlink(join("..data", name), join(folder, name));
  for (const name of present) if (!names.has(name)) await rm(join(folder, name));
}
