import { accessSync, constants, existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as esbuild from "esbuild";

/** Packages of many modules. The Kubernetes client's 800 take half a second of CPU to load, and a fifth of that as one file; zod's, half. */
const bundled = ["@kubernetes/client-node", "zod"];

const load = createRequire(__filename);
const packageFile = (name: string) => load.resolve(`${name}/package.json`);
const versionOf = (name: string) => (load(packageFile(name)) as { version: string }).version;

/**
 * A package's file, made at the first start.
 *
 * @param cache  the folder that keeps it; default: in node_modules
 * @returns undefined: it can be neither read nor made
 */
function bundle(name: string, entry: string, cache?: string): string | undefined {
  try {
    const folder = cache ?? join(dirname(packageFile("esbuild")), "../.cache/secret-rotation");
    const file = join(
      folder,
      `${name.replace("@", "").replace("/", "-")}-${versionOf(name)}-${versionOf("esbuild")}.cjs`,
    );
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true });
      // To make it takes two seconds, which an installation that cannot keep it would spend at each start.
      accessSync(folder, constants.W_OK);
      const { buildSync } = load("esbuild") as typeof esbuild;
      // Another process may start at the same moment: it sees the whole file or none.
      const outfile = `${file}.${process.pid}`;
      const options = {
        bundle: true,
        platform: "node",
        format: "cjs",
        keepNames: true,
        minifyWhitespace: true,
        minifySyntax: true,
        logLevel: "silent",
      } as const;
      buildSync({ entryPoints: [entry], outfile, ...options });
      renameSync(outfile, file);
    }
    return file;
  } catch {
    return undefined;
  }
}

/**
 * Has these packages loaded from one file each, wherever they are imported from now on. Before Node 22.15, and where a file can not
 * be made, they are loaded as they are.
 *
 * @param cache  the folder that keeps the files; default: in node_modules
 */
export function loadBundled(cache?: string): void {
  // Found before the hook is there, which would be asked for them.
  const entries = new Map(bundled.map((name) => [name, load.resolve(name)]));
  const files = new Map<string, string | undefined>();
  registerHooks?.({
    resolve(specifier, context, next) {
      const entry = entries.get(specifier);
      if (entry === undefined) return next(specifier, context);
      if (!files.has(specifier)) files.set(specifier, bundle(specifier, entry, cache));
      const file = files.get(specifier);
      return file === undefined
        ? next(specifier, context)
        : { url: pathToFileURL(file).href, format: "commonjs", shortCircuit: true };
    },
  });
}
