import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { pulumiOnPath, sandboxMark } from "./pulumi";

describe("pulumi on PATH", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "pulumi-path-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A folder with a `pulumi` that prints this version. */
  function installation(name: string, version: string, ...others: string[]): string {
    const folder = join(root, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
    for (const other of others) writeFileSync(join(folder, other), "#!/bin/sh\n", { mode: 0o755 });
    return folder;
  }
  const host = "pulumi-language-nodejs";

  it("is used when it is new enough and has its language host", async () => {
    const folder = installation("new", "v3.261.1", host);
    const pulumi = join(folder, "pulumi");
    assert.deepEqual(await pulumiOnPath(folder), { pulumi, languageHost: join(folder, host), version: "v3.261.1" });
  });

  it("is not used when it is too old or has no language host", async () => {
    assert.equal(await pulumiOnPath(installation("old", "v3.254.9", host)), undefined);
    assert.equal(await pulumiOnPath(installation("next", "v4.0.0", host)), undefined);
    assert.equal(await pulumiOnPath(installation("bare", "v3.255.0")), undefined);
    assert.equal(await pulumiOnPath(join(root, "empty")), undefined);
  });

  it("is not taken from a sandbox whose env file was sourced", async () => {
    const sandbox = installation("sandbox", "v3.255.0", host, sandboxMark);
    assert.equal(await pulumiOnPath(sandbox), undefined);
    const real = installation("real", "v3.255.0", host);
    assert.equal((await pulumiOnPath(`${sandbox}:${real}`))?.pulumi, join(real, "pulumi"));
  });
});
