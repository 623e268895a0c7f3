import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const lazyPackages = join(__dirname, "../../policies/lazyPackages.js");

/** What the script prints, in a process of its own. */
const printed = (script: string) =>
  execFileSync(process.execPath, ["-r", lazyPackages, "-e", script]).toString().trim();

describe("Pulumi's SDK", function () {
  this.timeout(60_000);

  it("loads neither TypeScript nor npm's reader of node_modules with its runtime", () => {
    const loaded = `require("@pulumi/pulumi/automation");
      const { isProxy } = require("node:util").types;
      const names = /node_modules\\/(typescript|ts-node|@npmcli\\/arborist)\\/.*\\.js$/;
      console.log(Object.keys(require.cache).filter((file) => names.test(file) && !isProxy(require.cache[file].exports)));`;
    assert.equal(printed(loaded), "[]");
  });

  it("compiles TypeScript by ts-node, as Pulumi's runner of packs registers it", () => {
    const folder = mkdtempSync(join(tmpdir(), "typescript-"));
    writeFileSync(join(folder, "sum.ts"), "enum Of { two = 2 }\nconsole.log((40 as number) + Of.two);");
    const registered = `const { register } = require("ts-node");
      register({ transpileOnly: true, skipProject: true, compilerOptions: { module: "nodenext", moduleResolution: "nodenext" } });
      require(${JSON.stringify(join(folder, "sum.ts"))});`;
    try {
      assert.equal(printed(registered), "42");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("serialises functions all the same", () => {
    const serialised = `const { runtime } = require("@pulumi/pulumi");
      const two = 2;
      runtime.serializeFunction(() => two + 1).then(({ text }) => console.log(text.includes("two + 1")));`;
    assert.equal(printed(serialised), "true");
  });
});
