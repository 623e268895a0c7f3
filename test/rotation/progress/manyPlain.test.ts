import assert from "node:assert/strict";
import { eventLines, manyPlain } from "../../../rotation/progress/manyPlain";

const names = Array.from({ length: 500 }, (_, i) => `s${i}`);

describe("the progress of a run over many secrets", () => {
  it("is counts every few seconds, and each failure once", () => {
    const lines: string[] = [];
    let ms = 0;
    const observer = manyPlain(
      names.length,
      (line) => lines.push(line),
      () => ms,
    );
    for (const name of names) {
      ms += 100;
      observer.stepStarted(name, "create");
      observer.stepEnded(name, "create");
      observer.stepStarted(name, "settle");
      if (name === "s7") observer.stepEnded(name, "create", new Error("no"));
      observer.stepEnded(name, "settle", name === "s7" ? new Error("no") : undefined);
    }
    assert.deepEqual(
      lines.filter((line) => line.startsWith("failed")),
      ["failed: s7: create: no"],
    );
    assert.equal(lines.length, 11);
    assert.equal(lines.at(-1), "498 of 500 done, 1 failed; 1 create");
  });

  it("is a line of JSON a step for programs, without what an error says", () => {
    const lines: string[] = [];
    const observer = eventLines(
      (line) => lines.push(line),
      () => 1500,
    );
    observer.stepStarted("a", "set");
    observer.stepEnded("a", "set", new Error("a text"));
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        { seconds: 0, event: "stepStarted", secret: "a", step: "set" },
        { seconds: 0, event: "stepEnded", secret: "a", step: "set", failed: true },
      ],
    );
  });
});
