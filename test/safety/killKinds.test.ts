import assert from "node:assert/strict";
import { type KindKill, type KindsKillSite, killedRotation, killsIn, startKindsKills } from "./killKinds";
import type { KindRun } from "./kindPoints";
import type { Victim } from "./points";

/** By run. `npm run bench -- killKinds` kills each victim at each point of each run. */
const few: Readonly<Record<string, readonly [point: string, victim: Victim][]>> = {
  prepare: [
    ["create is made, not answered", "driver"],
    ["create is written, not recorded", "engine"],
  ],
  activate: [
    ["finish has moved, not answered", "driver"],
    ["retire is revoked, not answered", "driver"],
  ],
  retire: [
    ["retire begins", "driver"],
    ["settle has taken its tags, not recorded", "engine"],
  ],
};

function fewIn(run: KindRun): KindKill[] {
  return (few[run.name] ?? []).map(([name, victim]) => {
    const found = killsIn(run).find(
      ({ point, ...kill }) => `${point.step} ${point.name}` === name && kill.victim === victim,
    );
    if (!found) throw new Error(`there is no point "${name}" of ${run.name} at which the ${victim} is killed`);
    return found;
  });
}

describe("a rotation of several phases that is killed in each", function () {
  this.timeout(600_000);
  let site: KindsKillSite;

  before(async () => {
    site = await startKindsKills("kill-kinds");
  });
  after(() => site.close());

  it("loses no credential, leaves none at an issuer, fails no request, and is ended by the same command", async () => {
    const cells = await killedRotation(site, fewIn);
    assert.deepEqual(
      cells.map(({ run, problems, lost, orphans, failed }) => ({ run: run.name, problems, lost, orphans, failed })),
      ["prepare", "activate", "retire"].map((run) => ({ run, problems: [], lost: [], orphans: 0, failed: [] })),
    );
    assert.ok(cells.every(({ sent }) => sent > 0));
  });
});
