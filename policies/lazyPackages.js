// Pulumi's SDK loads TypeScript's compiler and npm's reader of node_modules at its start. It needs them to serialise functions,
// for Lambdas and dynamic providers, of which there are none here. Its runner of policy packs loads ts-node too; this pack has
// typescript.js instead. Together they take 0.4 s of CPU in each process, and 0.8 s in a pack's, so each is loaded at its first use.
const Module = require("node:module");

const sdk = Module.createRequire(require.resolve("@pulumi/pulumi/package.json"));

/** @param known  what of its exports can be said without loading it */
function loadAtFirstUse(request, known = () => ({})) {
  const file = sdk.resolve(request);
  if (require.cache[file]) return;
  let exports;
  const real = () => {
    if (exports === undefined) {
      delete require.cache[file];
      exports = require(file);
    }
    return exports;
  };
  const of = (key) => (key === "default" && !("default" in real()) ? real() : real()[key]);
  // Marked as a module, so that whoever imports it copies nothing out of it.
  const target = { __esModule: true, ...known(real) };
  const placeholder = new Proxy(target, {
    get: (_, key) => (key in target ? target[key] : of(key)),
    has: (_, key) => key in target || key in real(),
    set: (_, key, value) => Reflect.set(real(), key, value),
  });
  require.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports: placeholder });
}

const versionOf = (name) => sdk(`${name}/package.json`).version;

/** Registers ts-node when the first file asks for it: until then somebody may have registered another one. */
function registerAtFirstUse(real, options) {
  const before = { ".ts": require.extensions[".ts"], ".tsx": require.extensions[".tsx"] };
  const load = (module, file) => {
    for (const [extension, loader] of Object.entries(before)) {
      if (require.extensions[extension] !== load) continue;
      if (loader) require.extensions[extension] = loader;
      else delete require.extensions[extension];
    }
    real().register(options);
    require.extensions[file.endsWith("x") ? ".tsx" : ".ts"](module, file);
  };
  for (const extension of Object.keys(before)) require.extensions[extension] = load;
}

for (const request of ["@npmcli/arborist", "normalize-package-data", "./typescript-shim"]) loadAtFirstUse(request);
loadAtFirstUse("typescript", () => ({ version: versionOf("typescript") }));
loadAtFirstUse("ts-node", (real) => ({
  VERSION: versionOf("ts-node"),
  register: (options) => registerAtFirstUse(real, options),
}));
