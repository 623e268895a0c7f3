import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "./cacheDirectory";
import { withLock } from "./processLock";
import type { Task } from "./progress";

export interface Recipe {
  /** `<tool>-<version>`: the name of its folder in the cache. A changed recipe needs a new name. */
  readonly name: string;
  readonly title: string;
  /** Puts everything into `folder`, which is empty and is moved to its final place when this is done. */
  build(folder: string, task: Task): Promise<void>;
}

/**
 * The folder of a tool in the cache, which is built if it is not there yet: into a temporary one that is renamed when it is
 * complete, by one process at a time.
 * @throws Error from the recipe; nothing is kept then
 */
export async function installed(
  recipe: Recipe,
  begin: (title: string) => Task,
  cache = cacheDirectory(),
): Promise<string> {
  const folder = join(cache, recipe.name);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const task = begin(recipe.title);
  const onWait = () => task.note("another process builds it, waiting for that");
  try {
    const built = await withLock(folder, onWait, async () => {
      if (existsSync(folder)) return false;
      await buildInto(folder, recipe, task);
      return true;
    });
    task.done(built ? `kept in ${folder}` : "built by another process");
  } catch (error) {
    task.fail();
    throw error;
  }
  return folder;
}

async function buildInto(folder: string, recipe: Recipe, task: Task): Promise<void> {
  const temporary = await mkdtemp(`${folder}.building-`);
  try {
    await chmod(temporary, 0o755); // a temporary folder is made for its owner alone
    await recipe.build(temporary, task);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
