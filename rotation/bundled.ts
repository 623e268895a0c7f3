import { accessSync, constants, existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as esbuild from "esbuild";

/** It has 800 modules, which take half a second of CPU to load; as one file it takes a fifth of that. */
const bundled = "@kubernetes/client-node";

const load = createRequire(__filename);
const packageFile = (name: string) => load.resolve(`${name}/package.json`);
const versionOf = (name: string) => (load(packageFile(name)) as { version: string }).version;

/**
 * Its file, made at the first start.
 *
 * @param cache  the folder that keeps it; default: in node_modules
 * @returns undefined: it can be neither read nor made
 */
function bundle(entry: string, cache?: string): string | undefined {
  try {
    const folder = cache ?? join(dirname(packageFile("esbuild")), "../.cache/secret-rotation");
    const file = join(folder, `kubernetes-client-${versionOf(bundled)}-${versionOf("esbuild")}.cjs`);
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
 * Has the Kubernetes client loaded from one file, wherever it is imported from now on. Before Node 22.15, and where the file can
 * not be made, it is loaded as it is.
 *
 * @param cache  the folder that keeps the file; default: in node_modules
 */
export function loadBundled(cache?: string): void {
  // Found before the hook is there, which would be asked for it.
  const entry = load.resolve(bundled);
  let found: { readonly file: string | undefined } | undefined;
  registerHooks?.({
    resolve(specifier, context, next) {
      if (specifier !== bundled) return next(specifier, context);
      found ??= { file: bundle(entry, cache) };
      const { file } = found;
      return file === undefined
        ? next(specifier, context)
        : { url: pathToFileURL(file).href, format: "commonjs", shortCircuit: true };
    },
  });
}
