import assert from "node:assert/strict";
import { simple } from "../../../rotation/strategies/simple";
import { context } from "../context";

describe("strategy simple", () => {
  it("makes a text of letters and digits of the declared length", async () => {
    const value = await simple.create(context({ length: 64 }), undefined);
    assert.match(value, /^[A-Za-z0-9]{64}$/);
    assert.notEqual(value, await simple.create(context({ length: 64 }), undefined));
  });

  it("uses every character about equally often", async () => {
    const counts = new Map<string, number>();
    for (const c of await simple.create(context({ length: 1024 }), undefined)) counts.set(c, (counts.get(c) ?? 0) + 1);
    // 1,024 draws of 62 characters: 16.5 each; a modulo bias would not show here, a dead part of the alphabet would.
    assert.ok(counts.size > 58, `${counts.size} different characters`);
  });

  it("refuses a value that is the current one", async () => {
    const values = { pending: "x".repeat(48), current: "x".repeat(48), previous: undefined };
    await assert.rejects(simple.test(context({}), values), {
      code: "VALUE_UNCHANGED",
      step: "test",
      secret: "shop/key",
    });
  });

  it("refuses a short value, without quoting it", async () => {
    const values = { pending: "hunter2", current: undefined, previous: undefined };
    await assert.rejects(simple.test(context({}), values), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return (error as { code?: string }).code === "SECRET_MALFORMED";
    });
  });
});
