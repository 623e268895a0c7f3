import assert from "node:assert/strict";
import { isMeantBy, shortVersion } from "../../rotation/shortVersion";
import { uniqueId } from "../sandbox/standins/awsProvider/uniqueId";

const uuid = "28f23b6f-5623-4a5e-8172-dd5aae008959";
const ofProvider = "terraform-2026050112345678900000000a";
const chosen = "deploy-2026-05-01-release-candidate-7";

describe("what tables show of a version's id", () => {
  it("tells one from another, whoever has made it", () => {
    assert.deepEqual([uuid, ofProvider, chosen, undefined].map(shortVersion), [
      "28f23b6f",
      "202605011234567890",
      chosen,
      "–",
    ]);
  });

  it("is enough to name the version, as is the beginning of the id", () => {
    for (const id of [uuid, ofProvider, chosen]) {
      for (const shown of [shortVersion(id), id.slice(0, 12), id]) assert.ok(isMeantBy(shown, id), shown);
    }
    assert.ok(!isMeantBy("202605011234567891", ofProvider));
    assert.ok(!isMeantBy("2026-05-01-release", chosen));
  });

  it("differs for two versions that the sandbox's AWS provider makes a moment apart", () => {
    const ids = ["2026-05-01T12:34:56.789Z", "2026-05-01T12:34:56.790Z"].map((time) => uniqueId(new Date(time)));
    assert.match(ids[0] ?? "", /^terraform-202605011234567890[0-9a-f]{8}$/);
    assert.deepEqual(ids.map(shortVersion), ["202605011234567890", "202605011234567900"]);
  });
});
