import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Locks } from "../../rotation/locks";

describe("locks", () => {
  const trace = () => {
    const locks = new Locks();
    const log: string[] = [];
    const work = (name: string, needs: Parameters<Locks["hold"]>[0]) =>
      locks.hold(needs, async () => {
        log.push(`${name} begins`);
        await turn();
        log.push(`${name} ends`);
      });
    return { locks, log, work };
  };

  it("let readers go on side by side, and a writer alone", async () => {
    const { log, work } = trace();
    await Promise.all([
      work("a", { shared: ["m"] }),
      work("b", { shared: ["m"] }),
      work("w", { exclusive: ["m"] }),
      work("c", { shared: ["m"] }),
    ]);
    assert.deepEqual(log.slice(0, 2), ["a begins", "b begins"]);
    assert.deepEqual(log.slice(4), ["w begins", "w ends", "c begins", "c ends"]);
  });

  it("two that need each other's do not wait for ever", async () => {
    const { log, work } = trace();
    await Promise.all([
      work("a", { exclusive: ["a"], shared: ["b"] }),
      work("b", { exclusive: ["b"], shared: ["a"] }),
      work("other", { exclusive: ["c"] }),
    ]);
    assert.equal(log.length, 6);
    assert.ok(log.indexOf("other begins") < log.indexOf("b begins"), "nobody else waits for them");
  });

  it("work within goes on at once, and what fails lets go", async () => {
    const { locks, log, work } = trace();
    await locks.hold({ exclusive: ["m"] }, () => work("within", { shared: ["m"] }));
    const fails = async () => {
      throw new Error("it fails");
    };
    await assert.rejects(locks.hold({ exclusive: ["m"] }, fails), /it fails/);
    await work("after", { exclusive: ["m"] });
    assert.equal(log.length, 4);
  });
});
