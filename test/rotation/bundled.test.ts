import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as client from "@kubernetes/client-node";
import { repository, typescriptArgs } from "../sandbox/paths";

describe("packages as one file each", () => {
  /** In a process of its own: what is loaded here already stays as it is. */
  const loaded = (cache = "") => {
    const code = `
      require("./rotation/bundled").loadBundled(${cache});
      require("zod");
      const { KubeConfig, ...more } = require("@kubernetes/client-node");
      const config = new KubeConfig();
      config.loadFromClusterAndUser({ name: "c", server: "https://localhost" }, { name: "u" });
      const files = Object.keys(require.cache).filter((file) => /(kubernetes-client-node|zod)-[\\d.]+-[\\d.]+cjs$/.test(file));
      const names = ["KubeConfig", ...Object.keys(more)];
      process.stdout.write(JSON.stringify({ names, files: files.length, server: config.getCurrentCluster().server }));`;
    const args = [...typescriptArgs, "-e", code];
    return JSON.parse(execFileSync(process.execPath, args, { cwd: repository, encoding: "utf8" }));
  };
  const ofPackage = () => Object.keys(client).filter((name) => name !== "default");

  it("have all that the package has, and are loaded in its place", () => {
    const { names, files, server } = loaded();
    assert.deepEqual(names.toSorted(), ofPackage().sort());
    assert.deepEqual([files, server], [2, "https://localhost"]);
  });

  it("are the packages themselves where no file can be made", () => {
    const { names, files, server } = loaded('require("node:path").resolve("package.json")');
    assert.deepEqual(names.toSorted(), ofPackage().sort());
    assert.deepEqual([files, server], [0, "https://localhost"]);
  });
});
