import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../sandbox/paths";

const folder = join(repository, "test/sampleService");
const text = readFileSync(join(folder, "README.md"), "utf8");
const withoutIndent = (code: string) => code.replace(/^ +/gm, "").trim();

describe("what a service has to do", () => {
  // A piece of code, and the file that is linked in the paragraph above it.
  const pieces = [...text.matchAll(/\(((?:service\/)?\w+\.ts)\)[^`]*```ts\n([\s\S]*?)```/g)];

  it("has a piece of code for each pattern", () => {
    assert.deepEqual(
      pieces.map(([, file]) => file),
      [...["mountedSecret", "database", "tokens", "drain"].map((name) => `service/${name}.ts`), "waitForSecret.ts"],
    );
  });

  for (const [, file = "", piece = ""] of pieces) {
    it(`shows ${file} as it is`, () => {
      const source = withoutIndent(readFileSync(join(folder, file), "utf8"));
      for (const part of piece.split("\n\n").filter((one) => one.trim())) {
        assert.ok(source.includes(withoutIndent(part)), part);
      }
    });
  }
});
