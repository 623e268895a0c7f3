// The pack starts before every preview and every rotation, so it starts fast. Pulumi's runner would type-check it each
// time, which takes two seconds; `tsc` checks the types in the repository. Here the sources are only transpiled, and
// what came out is kept in node_modules/.cache by the hash of what went in.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { enableCompileCache, flushCompileCache } = require("node:module");
const { dirname, join } = require("node:path");
const { ModuleKind, ScriptTarget, transpileModule, version } = require("typescript");

const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2023, inlineSourceMap: true };
const cache = join(dirname(require.resolve("typescript/package.json")), "..", ".cache", "secret-rotation-policies");

function transpiled(fileName) {
  const source = readFileSync(fileName, "utf8");
  const key = createHash("sha256").update(JSON.stringify([version, compilerOptions, fileName, source])).digest("hex");
  const kept = join(cache, `${key}.js`);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    const { outputText } = transpileModule(source, { fileName, compilerOptions });
    keep(kept, outputText);
    return outputText;
  }
}

function keep(file, text) {
  try {
    mkdirSync(cache, { recursive: true });
    // Another pack may start at the same moment: it sees the whole file or none.
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Nothing can be kept in a read-only installation; the next start transpiles again.
  }
}

require.extensions[".ts"] = (module, fileName) => module._compile(transpiled(fileName), fileName);
enableCompileCache?.(join(cache, "v8"));
require("./index");
// The engine ends a pack by a signal, at which Node would keep nothing. (Node 20 has no such cache.)
flushCompileCache?.();
