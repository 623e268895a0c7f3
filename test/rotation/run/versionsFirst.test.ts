import assert from "node:assert/strict";
import { writesVersionsFirst } from "../../../rotation/run/versionsFirst";
import type { RecordedStack } from "../../../rotation/stack/recordedStack";

describe("versions by an update of their own", () => {
  const paysFor = (secrets: number, ofStack: number, versionsFirst?: boolean) =>
    writesVersionsFirst({ recorded: { size: ofStack } as RecordedStack, versionsFirst }, secrets);

  it("are for runs over many secrets of a large stack, and never for one secret", () => {
    assert.deepEqual([paysFor(1, 500), paysFor(1, 5000), paysFor(20, 25)], [false, false, false]);
    assert.deepEqual([paysFor(100, 100), paysFor(20, 500), paysFor(500, 500)], [true, true, true]);
  });

  it("are as the run was asked for", () => {
    assert.deepEqual([paysFor(1, 1, true), paysFor(500, 500, false)], [true, false]);
  });
});
