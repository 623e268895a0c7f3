import assert from "node:assert/strict";
import fc from "fast-check";
import { Run } from "../../../rotation/gates/run";
import type { PlannedSecret } from "../../../rotation/plan/plannedSecret";
import { simple } from "../../../rotation/rotators/app/simple";
import { singleUser } from "../../../rotation/rotators/database/singleUser";
import { wavesOf } from "../../../rotation/run/waves";
import { context } from "../context";

interface Declared {
  readonly workloads: readonly number[];
  readonly oneLive: boolean;
}

function entriesOf(declared: readonly Declared[]) {
  const plans = declared.map(({ workloads, oneLive }, i) => {
    const consumers = workloads.map((workload) => ({ namespace: "shop", name: `w${workload}`, takes: "env" }));
    const strategy = oneLive ? singleUser : simple;
    return { context: context({ name: `s${i}`, consumers }), strategy } as PlannedSecret;
  });
  return [...new Run(plans).entries.values()];
}

const workloads = fc.uniqueArray(fc.nat(9), { maxLength: 3 });
const declared = fc.array(fc.record({ workloads, oneLive: fc.boolean() }), { maxLength: 30 });

describe("the waves of a run", () => {
  const names = (wave: readonly { plan: PlannedSecret }[]) => wave.map(({ plan }) => plan.context.secret.name);
  const takenBy = (wave: ReturnType<typeof entriesOf>) =>
    new Set(wave.flatMap(({ plan }) => plan.context.secret.consumers.map(({ name }) => name)));

  it("have every secret once, and each workload in one of them", () => {
    fc.assert(
      fc.property(declared, fc.integer({ min: 1, max: 8 }), (all, atOnce) => {
        const entries = entriesOf(all);
        const waves = wavesOf(entries, atOnce);
        assert.deepEqual(waves.flatMap(names).sort(), names(entries).sort());
        const taken = waves.flatMap((wave) => [...takenBy(wave)]);
        assert.equal(new Set(taken).size, taken.length);
      }),
    );
  });

  it("are larger than asked for only where all share workloads", () => {
    fc.assert(
      fc.property(declared, fc.integer({ min: 1, max: 8 }), (all, atOnce) => {
        for (const wave of wavesOf(entriesOf(all), atOnce)) {
          if (wave.length > atOnce) assert.equal(wavesOf(wave, 1).length, 1);
        }
      }),
    );
  });

  it("have targets with one credential last", () => {
    const entries = entriesOf([
      { workloads: [0], oneLive: true },
      { workloads: [1], oneLive: false },
      { workloads: [2], oneLive: true },
      { workloads: [3], oneLive: false },
    ]);
    assert.deepEqual(wavesOf(entries, 2).map(names), [
      ["s1", "s3"],
      ["s0", "s2"],
    ]);
  });
});
