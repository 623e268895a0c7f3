import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { statusTable } from "../../../rotation/progress/statusTable";
import type { SecretStatus } from "../../../rotation/status/status";

const one: SecretStatus = {
  secret: "shop/one",
  kind: "app",
  strategy: "simple",
  rotatable: true,
  state: "ok",
  versionId: "terraform-20261124165122213",
  rotatedAt: "2026-10-01T02:00:00.000Z",
  ageDays: 54,
  maxAgeDays: 90,
  next: { at: "2026-12-21T02:00:00.000Z", why: "stale from 2026-12-31; 2.0 d of jitter" },
};
const of = (more: Partial<SecretStatus>) => ({ ...one, ...more });
const sequence = "\x1b[";

describe("the table of status", () => {
  it("has age, limit, the next date and why, and no colour where no terminal is", () => {
    const text = statusTable([one]);
    assert.match(text, / 54 +│ 90 +│ ok +│ 2026-12-21T02:00Z +│ stale from 2026-12-31; 2\.0 d of jitter/);
    assert.ok(!text.includes(sequence));
  });

  it("says beneath it what waits between two phases, since when, and what to do", () => {
    const phase = { next: "retire", isReady: true, since: "2026-11-01T02:00:00.000Z", hint: "rotate does it" } as const;
    const text = statusTable([of({ phase }), of({ phase: { next: "activate", isReady: false, from: "2026-12-01" } })]);
    const [, beneath] = text.split("┘\n");
    const what = "the older credential may still be valid, and could be retired since 2026-11-01T02:00Z";
    assert.equal(beneath, `shop/one: ${what}\n  rotate does it`);
  });

  it("shows ages as bars on a terminal, full from the limit on", () => {
    const rows = [one, of({ ageDays: 0 }), of({ ageDays: 90 }), of({ ageDays: 200 }), of({ ageDays: undefined })];
    const bars = statusTable(rows, { color: false }).match(/[█░]+ \d+\/90 d/g);
    assert.deepEqual(bars, ["██████░░░░ 54/90 d", "░░░░░░░░░░ 0/90 d", "██████████ 90/90 d", "██████████ 200/90 d"]);
  });

  it("paints them by their state, where colours are wanted", () => {
    const states = { ok: "32", due: "33", stale: "31", "never-rotated": "31" } as const;
    for (const [state, code] of Object.entries(states)) {
      const painted = statusTable([of({ state: state as SecretStatus["state"] })], { color: true });
      assert.ok(painted.includes(`${sequence}${code}m██████░░░░`), state);
      const plain = statusTable([of({ state: state as SecretStatus["state"] })], { color: false });
      assert.equal(stripVTControlCharacters(painted), plain);
      assert.ok(!plain.includes(sequence));
    }
  });
});
