import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../rotation/errors";
import { readPackConfig } from "../../../rotation/policy/packConfig";

describe("a file of the policies' configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), "pack-config-"));
  after(() => rmSync(folder, { recursive: true }));
  const reading = (config: unknown) => {
    const file = join(folder, "pack.json");
    writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    return () => readPackConfig(file);
  };

  it("is taken as it is", () => {
    const config = { all: "mandatory", "secret-max-age": { maxAgeDays: { app: 30 } } };
    assert.deepEqual(reading(config)(), config);
    assert.deepEqual(readPackConfig(undefined), {});
  });

  it("is refused when it says what only the driver may", () => {
    for (const rotatingNow of [["shop/a"], { run: "x", names: ["shop/a"] }, null]) {
      assert.throws(reading({ all: "advisory", "secret-max-age": { rotatingNow } }), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /rotatingNow of secret-max-age is for the driver alone: remove it, and name/);
        return true;
      });
    }
  });

  it("is refused when it is no JSON", () => {
    assert.throws(reading("all: advisory"), UsageError);
  });
});
