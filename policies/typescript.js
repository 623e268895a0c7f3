// `node -r` this file runs TypeScript, and starts fast. Everything here starts often: the pack before every preview and every
// rotation, the driver by itself. ts-node alone would transpile every file at every start, and Pulumi's runner would
// check the types too, which takes seconds; `tsc` checks them in the repository. What ts-node made is kept in
// node_modules/.cache by the hash of what went in, as is the code that V8 compiled.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { enableCompileCache, setSourceMapsSupport } = require("node:module");
const { dirname, join } = require("node:path");
require("./lazyPackages");

const tsNode = require.resolve("ts-node/package.json");
const options = {
  transpileOnly: true,
  skipProject: true,
  compilerOptions: { module: "nodenext", moduleResolution: "nodenext", target: "es2023", esModuleInterop: true, rootDir: "/" },
};
const versions = [tsNode, require.resolve("typescript/package.json")].map((file) => JSON.parse(readFileSync(file)).version);
const cache = join(dirname(tsNode), "../.cache/secret-rotation");
let service;

function transpiled(fileName) {
  const source = readFileSync(fileName, "utf8");
  const key = createHash("sha256").update(JSON.stringify([versions, options, fileName, source])).digest("hex");
  const kept = join(cache, `${key}.js`);
  try {
    return readFileSync(kept, "utf8");
  } catch {
    service ??= require("ts-node").create(options);
    const output = service.compile(source, fileName);
    keep(kept, output);
    return output;
  }
}

function keep(file, text) {
  try {
    mkdirSync(cache, { recursive: true });
    // Another process may start at the same moment: it sees the whole file or none.
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Nothing can be kept in a read-only installation; the next start transpiles again.
  }
}

function register() {
  require.extensions[".ts"] = (module, fileName) => module._compile(transpiled(fileName), fileName);
}

register();
// Errors name the lines of the sources. Those of packages are left out: Node would look through each file for its map.
if (setSourceMapsSupport) setSourceMapsSupport(true);
else process.setSourceMapsEnabled(true); // before Node 22.14
// For what this process starts as well: Pulumi's runner loads its SDK before it loads a pack.
process.env.NODE_COMPILE_CACHE ??= join(cache, "v8");
enableCompileCache?.(process.env.NODE_COMPILE_CACHE); // Node 20 has none
module.exports = { register };
