import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { isAnsweredYes, needsYes } from "../../../rotation/commands/confirm";

describe("the question before an emergency", () => {
  const answered = (text: string) => {
    const input = new PassThrough();
    input.end(text);
    return isAnsweredYes("go on? ", { input, output: new PassThrough() });
  };

  it("is answered by yes, and by nothing less", async () => {
    assert.equal(await answered("yes\n"), true);
    assert.equal(await answered(" Yes \n"), true);
    for (const text of ["no\n", "y\n", "\n", "yes, but\nyes\n", ""]) assert.equal(await answered(text), false, text);
  });

  it("is not waited for when the run is asked to end", async () => {
    const streams = { input: new PassThrough(), output: new PassThrough(), signal: AbortSignal.abort() };
    assert.equal(await isAnsweredYes("go on? ", streams), false);
    const controller = new AbortController();
    const asked = isAnsweredYes("go on? ", { ...streams, signal: controller.signal });
    controller.abort();
    assert.equal(await asked, false);
  });

  it("is put on a terminal; elsewhere --yes has to be said", () => {
    needsYes({}, { isTTY: true });
    needsYes({ yes: true }, {});
    needsYes({ yes: true, json: true }, {});
    assert.throws(() => needsYes({}, {}), /no terminal/);
    assert.throws(() => needsYes({ json: true }, { isTTY: true }), /--json asks nothing/);
  });
});
