import assert from "node:assert/strict";
import { type Cell, fewKills, type Kill, killInTurn, otherKills } from "./killMatrix";
import { matrixTable } from "./matrixTable";
import { type Site, startSite } from "./site";

describe("a run that is killed", function () {
  this.timeout(400_000);
  let site: Site;
  const cells: Cell[] = [];

  before(async () => {
    site = await startSite();
  });
  after(async () => {
    console.log(matrixTable(site.stand, cells));
    await site.close();
  });

  // Each kill in a rotation of its own takes a quarter of an hour: `npm run bench -- killMatrix`.
  for (const kills of process.env.CI ? [...fewKills, ...otherKills] : fewKills) {
    it(titleOf(kills), async () => {
      const found = await killInTurn(site, kills);
      cells.push(...found);
      assert.deepEqual(
        found.flatMap(({ problems }) => problems),
        [],
      );
      for (const { sent, lost, failed } of found) {
        assert.ok(sent > 0);
        assert.deepEqual([lost, failed], [[], 0]);
      }
    });
  }
});

function titleOf(kills: readonly Kill[]): string {
  const steps = new Set(kills.map(({ point }) => point.step));
  const victims = new Set(kills.map(({ victim }) => victim));
  return `again and again in ${[...steps].join(", ")}: ${kills.length} kills (${[...victims].join(", ")})`;
}
