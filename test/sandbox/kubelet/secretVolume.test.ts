import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { NotStartable } from "./podError";
import { volumeFiles, writeVolume } from "./secretVolume";

const files = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([path, text]) => [path, Buffer.from(text)]));

describe("volume of a Secret", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "secret-volume-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const visible = () => readdirSync(folder).filter((name) => !name.startsWith(".."));

  it("shows the keys that there are now", async () => {
    assert.equal(await writeVolume(folder, files({ a: "1", b: "2" })), true);
    assert.equal(await writeVolume(folder, files({ b: "3", "tls/key": "4" })), true);
    assert.deepEqual(visible().sort(), ["b", "tls"]);
    assert.equal(readFileSync(join(folder, "b"), "utf8"), "3");
    assert.equal(readFileSync(join(folder, "tls/key"), "utf8"), "4");
    assert.equal(readdirSync(folder).filter((name) => /^\.\.\d/.test(name)).length, 1, "the old files are removed");
  });

  it("is left alone when nothing has changed", async () => {
    await writeVolume(folder, files({ a: "1" }));
    const before = readdirSync(folder);
    assert.equal(await writeVolume(folder, files({ a: "1" })), false);
    assert.deepEqual(readdirSync(folder), before);
  });

  it("never shows one file of the old content beside one of the new, through ..data", async () => {
    let version = 0;
    await writeVolume(folder, files({ user: "v0", password: "v0" }));
    const writer = (async () => {
      while (++version < 50) await writeVolume(folder, files({ user: `v${version}`, password: `v${version}` }));
    })();
    let seen = 0;
    let writing = true;
    void writer.finally(() => {
      writing = false;
    });
    while (writing) {
      const [data] = readdirSync(folder).filter((name) => name === "..data");
      assert.ok(data, "..data is always there");
      const read = (name: string) => readFile(join(folder, "..data", name), "utf8").catch(() => undefined);
      const before = await read("user");
      const password = await read("password");
      const after = await read("user");
      if (before === undefined || before !== after) continue; // swapped while it was being read
      assert.equal(password, before);
      seen++;
    }
    await writer;
    assert.ok(seen > 0);
    assert.equal(readFileSync(join(folder, "password"), "utf8"), "v49");
  });

  it("takes the keys and paths that are asked for, and says which is missing", () => {
    const data = files({ password: "x" });
    const items = [{ key: "password", path: "db/password" }];
    assert.deepEqual([...volumeFiles({ secretName: "db", items }, data).keys()], ["db/password"]);
    const missing = [{ key: "user", path: "user" }];
    const reason = (source: Parameters<typeof volumeFiles>[0], given: typeof data | undefined) => () =>
      volumeFiles(source, given);
    assert.throws(reason({ secretName: "db", items: missing }, data), NotStartable);
    assert.throws(reason({ secretName: "db", items: missing }, data), /non-existent secret key: user/);
    assert.throws(reason({ secretName: "db" }, undefined), /secret "db" not found/);
    assert.equal(volumeFiles({ secretName: "db", optional: true }, undefined).size, 0);
  });
});
