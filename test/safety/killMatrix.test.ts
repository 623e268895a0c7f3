import assert from "node:assert/strict";
import { type Cell, fewKills, type Kill, killInTurn, otherKills } from "./killMatrix";
import { matrixTable } from "./matrixTable";
import { type Site, startSite } from "./site";

describe("a run that is killed", () => {
  suite(process.env.CI ? [...fewKills, ...otherKills] : fewKills);
});

// `npm run bench -- killMatrix` has a rotation of its own for each kill, which takes a quarter of an hour.
function suite(all: readonly (readonly Kill[])[]): void {
  let site: Site;
  const cells: Cell[] = [];

  before(async function () {
    this.timeout(600_000);
    site = await startSite();
  });
  after(async function () {
    this.timeout(60_000);
    console.log(matrixTable(site.stand, cells));
    await site.close();
  });

  for (const kills of all) {
    it(titleOf(kills), async function () {
      this.timeout(600_000);
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
}

function titleOf(kills: readonly Kill[]): string {
  const [kill] = kills;
  if (kill && kills.length === 1) {
    const how = kill.versionsFirst ? ", versions first" : "";
    return `${kill.point.step} ${kill.point.name}: the ${kill.victim}${how}`;
  }
  return `again and again in ${[...new Set(kills.map(({ point }) => point.step))].join(", ")}: ${kills.length} kills`;
}
