import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { Pack, packFolder } from "./analyzer";
import { awayFromMidnight, dateDaysAgo, managedSecret } from "./resources";

const run = promisify(execFile);
const sources = readdirSync(packFolder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name));

describe("policies: the package", () => {
  it("imports nothing from outside of its folder but the packages it declares", () => {
    const { dependencies } = JSON.parse(readFileSync(join(packFolder, "package.json"), "utf8"));
    assert.ok(sources.length > 20);
    for (const file of sources) {
      for (const [, from = ""] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"([^"]+)"/g)) {
        const inside = from.startsWith(".") && !relative(packFolder, join(file, "..", from)).startsWith("..");
        if (from.startsWith("node:")) continue;
        const [name = ""] = /^(@[^/]+\/)?[^/]+/.exec(from) ?? [];
        assert.ok(inside || Object.hasOwn(dependencies, name), `${relative(packFolder, file)} imports ${from}`);
      }
    }
  });

  it("has all its sources in what npm publishes", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: packFolder });
    const published: string[] = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path);
    const needed = [
      ...sources.map((file) => relative(packFolder, file)),
      "start.js",
      "typescript.js",
      "PulumiPolicy.yaml",
      "package.json",
    ];
    assert.deepEqual(
      needed.filter((path) => !published.includes(path)),
      [],
    );
  });

  it("works where it lies alone, with its dependencies only", async function () {
    await awayFromMidnight(this);
    const folder = mkdtempSync(join(tmpdir(), "policy-pack-"));
    try {
      cpSync(packFolder, folder, { recursive: true });
      symlinkSync(join(packFolder, "../node_modules"), join(folder, "node_modules"));
      const pack = await Pack.start({ stack: "prod", folder });
      try {
        await pack.configure();
        const [found] = await pack.analyze(managedSecret("prod/shop/orders-db", 91));
        assert.match(
          found?.message ?? "",
          new RegExp(`prod/shop/orders-db is 91 days old \\(since ${dateDaysAgo(91)}\\)`),
        );
      } finally {
        await pack.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
