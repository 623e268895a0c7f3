import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { repository } from "../sandbox/paths";

const read = (file: string) => readFileSync(join(repository, file), "utf8");
const blocks = (language: string) =>
  [...read("rotation/rotators/README.md").matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, named]) => named === language)
    .map(([, , text = ""]) => text);

describe("rotation/rotators/README.md", () => {
  it("has the example as it is rotated", () => {
    assert.deepEqual(blocks("ts"), [read("test/issuer/rotators/acme.ts")]);
  });

  it("has declarations that are taken as they stand", () => {
    const [module = "", others = ""] = blocks("yaml");
    const { config } = load(module) as { config: Record<string, unknown> };
    const region = { "aws:region": "eu-west-1" };
    const folder = join(repository, "test/issuer");
    assert.equal(readStackConfig("prod", { ...region, ...config }, folder).secrets[0]?.strategy, "two-live");
    const { rotators } = readStackConfig("prod", { ...region, ...(load(others) as object) }, folder);
    assert.ok(rotators.has("acme-program") && rotators.has("acme-endpoint"));
  });
});
