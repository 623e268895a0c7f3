import assert from "node:assert/strict";
import fc from "fast-check";
import { factsAfter, nextPhase, type Phase, phaseFactsIn, tagsOfPhase } from "../../../policies/rules/phases";

const kinds: readonly (readonly Phase[])[] = [["activate"], ["activate", "retire"], ["prepare", "activate", "retire"]];
const start = new Date("2026-01-01T00:00:00Z");
const later = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000);

describe("policies/rules/phases", () => {
  it("are done in their order, each once, and none before its time", () => {
    const wait = fc.integer({ min: 0, max: 30 * 86_400 });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), wait, fc.array(wait, { maxLength: 20 }), (ofKind, waits, pauses) => {
        let now = start;
        const done: Phase[] = [ofKind[0] as Phase];
        let facts = factsAfter(ofKind[0] as Phase, ofKind, waits, now);
        let doneAt = now;
        for (const pause of pauses) {
          now = later(now, pause);
          const next = nextPhase(facts, now);
          if (next.state !== "ready") continue;
          assert.ok(now.getTime() - doneAt.getTime() >= waits * 1000, "too early");
          done.push(next.phase);
          facts = factsAfter(next.phase, ofKind, waits, now);
          doneAt = now;
        }
        assert.deepEqual(done, ofKind.slice(0, done.length));
        const isOver = done.length === ofKind.length;
        assert.equal(nextPhase(facts, now).state === "none", isOver);
      }),
    );
  });

  it("come to their end, however late a run looks", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 86_400 }), (ofKind, wait) => {
        let facts = factsAfter(ofKind[0] as Phase, ofKind, wait, start);
        for (let i = 1; i < ofKind.length; i++) {
          const next = nextPhase(facts, later(start, i * wait + i));
          assert.equal(next.state, "ready");
          facts = factsAfter(ofKind[i] as Phase, ofKind, wait, later(start, i * wait + i));
        }
        assert.deepEqual(nextPhase(facts, later(start, 1e6)), { state: "none" });
      }),
    );
  });

  it("are read from the tags as they were stamped", () => {
    for (const ofKind of kinds) {
      for (const done of ofKind) {
        const facts = factsAfter(done, ofKind, 60, start);
        assert.deepEqual(phaseFactsIn(tagsOfPhase(facts)), facts);
      }
    }
  });

  it("of tags that say nothing, or nothing that can be read, hold up nothing", () => {
    assert.deepEqual(nextPhase(phaseFactsIn({}), start), { state: "none" });
    assert.deepEqual(nextPhase(phaseFactsIn({ phase: "activated", "retire-pending": "true" }), start), {
      state: "none",
    });
    const tags = { phase: "activate", "retire-pending": "true", "phase-until": "soon" };
    assert.deepEqual(nextPhase(phaseFactsIn(tags), start), { state: "ready", phase: "retire" });
  });
});
