import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { engineHome } from "../../../rotation/stack/engineHome";

describe("the engine's home", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it("shares what the user's home has, and what is put there later", () => {
    writeFileSync(join(home, "config.json"), "{}");
    const own = engineHome(home);
    writeFileSync(join(own, "plugins", "resource-aws"), "of the engine");
    writeFileSync(join(home, "credentials.json"), "logged in later");
    assert.equal(readFileSync(join(home, "plugins", "resource-aws"), "utf8"), "of the engine");
    assert.equal(readFileSync(join(own, "config.json"), "utf8"), "{}");
    assert.equal(readFileSync(join(own, "credentials.json"), "utf8"), "logged in later");
  });

  it("has no folder for logs, whatever the user's home has", () => {
    engineHome(home);
    writeFileSync(join(home, "logs"), "");
    const own = engineHome(home);
    assert.ok(statSync(join(own, "logs")).isFile());
    assert.deepEqual(readdirSync(own).sort(), ["credentials.json", "logs", "plugins", "workspaces"]);
  });

  it("takes no outdated copy for the user's own file", () => {
    const own = engineHome(home);
    writeFileSync(join(home, "credentials.json"), "old");
    // As the CLI writes it: another file that takes the name of the link.
    writeFileSync(join(own, "written"), "old");
    renameSync(join(own, "written"), join(own, "credentials.json"));
    writeFileSync(join(home, "credentials.json"), "new");
    assert.equal(readFileSync(join(engineHome(home), "credentials.json"), "utf8"), "new");
    assert.ok(!existsSync(join(own, "secret-rotation")));
  });
});
