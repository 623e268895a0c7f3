import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { Admission } from "../../../rotation/gates/admission";
import { InterruptedError } from "../../../rotation/interruption";

const never = new AbortController().signal;

/** Of an admission, who has been admitted. */
function entering(groups: readonly (readonly string[])[], atOnce: number, { asked = never, holdSeconds = 60 } = {}) {
  const admission = new Admission(groups, { atOnce, holdSeconds, asked });
  const admitted: string[] = [];
  const refused: unknown[] = [];
  const enter = async (...names: string[]) => {
    for (const name of names)
      admission.enter(name).then(
        () => admitted.push(name),
        (error) => refused.push(error),
      );
    await nextTurn();
  };
  return { admission, admitted, refused, enter };
}

describe("admission to set", () => {
  it("lets in as many as may be under way, and the next group when one has told its workloads", async () => {
    const { admission, admitted, enter } = entering([["a", "b"], ["c", "d"], ["e"]], 4);
    await enter("a", "b", "c", "d", "e");
    assert.deepEqual(admitted.toSorted(), ["a", "b", "c", "d"]);
    admission.leave("a");
    await nextTurn();
    assert.equal(admitted.length, 4);
    admission.leave("b");
    await nextTurn();
    assert.deepEqual(admitted.slice(4), ["e"]);
  });

  it("keeps the order of the groups, whoever comes first, and lets a large one go alone", async () => {
    const { admission, admitted, enter } = entering([["a"], ["b", "c", "d"], ["e"]], 1);
    await enter("a", "e", "d", "c", "b");
    assert.deepEqual(admitted, ["a"]);
    admission.leave("a");
    await nextTurn();
    assert.deepEqual(admitted.slice(1).sort(), ["b", "c", "d"]);
    for (const name of ["b", "c", "d"]) admission.leave(name);
    await nextTurn();
    assert.deepEqual(admitted.slice(4), ["e"]);
  });

  it("a secret that fails holds up nobody, nor does one that was done before", async () => {
    const { admission, admitted, enter } = entering([["a", "b"], ["c"], ["d"]], 2);
    admission.leave("c");
    await enter("a", "b", "d");
    admission.fail("a");
    await nextTurn();
    assert.deepEqual(admitted.toSorted(), ["a", "b", "d"]);
    await enter("c", "stranger");
    assert.deepEqual(admitted.slice(3), ["c", "stranger"]);
  });

  it("a group that does not come to its end lets the others go after a while", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { admitted, enter } = entering([["a"], ["b"]], 1);
      await enter("a", "b");
      assert.deepEqual(admitted, ["a"]);
      mock.timers.tick(60_000);
      await nextTurn();
      assert.deepEqual(admitted, ["a", "b"]);
    } finally {
      mock.timers.reset();
    }
  });

  it("lets nobody in when the run is to end", async () => {
    const interruption = new AbortController();
    const { admission, admitted, refused, enter } = entering([["a"], ["b"]], 1, { asked: interruption.signal });
    await enter("a", "b");
    interruption.abort();
    await enter("c");
    admission.leave("a");
    await nextTurn();
    assert.deepEqual(admitted, ["a"]);
    assert.equal(refused.length, 2);
    assert.ok(refused.every((error) => error instanceof InterruptedError));
  });

  it("whatever fails, all get their turn, and no more are under way than may be", async () => {
    const groupsOf = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        groupsOf,
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.nat()),
        async (sizes, atOnce, draw) => {
          const groups = sizes.map((size, g) => Array.from({ length: size }, (_, i) => `${g}.${i}`));
          const { admission, admitted, enter } = entering(groups, atOnce);
          await enter(...groups.flat());
          const gone = new Set<string>();
          while (gone.size < groups.flat().length) {
            const inside = admitted.filter((name) => !gone.has(name));
            const open = groups.filter((group) => group.some((name) => inside.includes(name)));
            assert.ok(inside.length > 0);
            assert.ok(open.length <= 1 || inside.length <= atOnce);
            const [who = 0, how = 0] = [draw.next().value, draw.next().value];
            const name = inside[who % inside.length] ?? "";
            if (how % 4 === 0) {
              const group = groups.find((one) => one.includes(name)) ?? [];
              for (const one of group) gone.add(one);
              admission.fail(name);
            } else {
              gone.add(name);
              admission.leave(name);
            }
            await nextTurn();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
