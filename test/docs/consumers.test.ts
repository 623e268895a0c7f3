import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { consumerKinds } from "../../rotation/consumers";

describe("the README's table of consumers", () => {
  it("has a row for each kind, with what the kind says of itself", () => {
    const text = readFileSync(resolve(__dirname, "../../rotation/README.md"), "utf8");
    const [, section = ""] = /\n### Consumers\n([\s\S]*?)\n### /.exec(text) ?? [];
    const rows = [...section.matchAll(/^\| `(\w+)` \|[^|]*\| (.*) \|$/gm)].map(([, kind, about]) => [kind, about]);
    assert.deepEqual(
      rows,
      [...consumerKinds.values()].map(({ kind, about }) => [kind, about]),
    );
  });
});
