import assert from "node:assert/strict";
import { join } from "node:path";
import { builtIn } from "../../rotation/rotators";
import { testCa } from "../certificates/testCa";
import { makeRoles } from "../estates/databaseEstate";
import { useSandbox } from "../integration/project";
import { repository } from "../sandbox/paths";
import { sharedSandbox } from "../sandbox/shared";
import { asSuperuser, superuserLogin } from "../sandbox/testing/superuser";
import { type Judged, judged, those } from "./judged";

const moduleOf = (folder: string) => join(repository, "rotation/rotators", folder, "index.ts");

function keepsAll(one: Judged, doesNotApply: readonly string[]): void {
  assert.equal(one.code, 0, `${one.stdout}\n${one.stderr}`);
  assert.deepEqual(those(one, "does not apply"), doesNotApply);
}

const outside = ["properties", "find", "leftovers"];
const expiring = ["properties", "find", "revoke", "revoke spares", "revoke again", "leftovers"];
const consumersOnly = ["properties", "test", "find", "overlap", "revoke", "revoke spares", "revoke again"];

describe("the built-in kinds", function () {
  this.timeout(600_000);

  it("are all judged, where the driver rotates them", () => {
    const rotated = [...builtIn.values()].flatMap(({ kind, strategies }) =>
      Object.entries(strategies).flatMap(([name, strategy]) => ("steps" in strategy ? [`${kind} ${name}`] : [])),
    );
    // API keys: apiKey.test.ts.
    const here = [
      "api-key dual-key",
      ...[
        "app simple",
        "app simple-overlap",
        "certificate renewal",
        "database alternating-users",
        "database single-user",
      ],
      ...["jwt simple-overlap", "signing-keys published-first"],
    ];
    assert.deepEqual(rotated.sort(), here);
  });

  for (const folder of ["app", "jwt"]) {
    it(`${folder} keeps every clause`, async () => {
      keepsAll(await judged(moduleOf(folder)), [...consumersOnly, "leftovers"]);
    });
  }

  it("certificate keeps every clause", async () => {
    const { secret } = await testCa();
    const parameters = { names: ["web.shop.test"], ca: { secret: "pki/ca" } };
    keepsAll(await judged(moduleOf("certificate"), { parameters, secrets: { "pki/ca": secret } }), expiring);
  });

  it("app simple-overlap keeps every clause", async () => {
    const more = ["--strategy", "simple-overlap"];
    keepsAll(await judged(moduleOf("app"), { more }), [...consumersOnly, "leftovers"]);
  });

  it("signing-keys keeps every clause", async () => {
    const parameters = { cacheTime: "1h", tokenLifetime: "12h" };
    keepsAll(await judged(moduleOf("signingKeys"), { parameters }), [...consumersOnly, "leftovers"]);
  });

  describe("database", () => {
    const judgedWith = async (strategy: string, parameters: object) => {
      const superuser = JSON.stringify({ engine: "postgres", ...(await superuserLogin(await sharedSandbox())) });
      return judged(moduleOf("database"), {
        parameters: { dbname: "shop", superuserSecret: "superuser", tls: "disable", adopt: true, ...parameters },
        secrets: { superuser },
        more: ["--strategy", strategy],
      });
    };

    before(async () => {
      await useSandbox();
      await makeRoles(["ct_group", "NOLOGIN"], ["ct_a", "LOGIN"], ["ct_one", "LOGIN"]);
      await asSuperuser("GRANT ct_group TO ct_a");
    });

    it("single-user keeps every clause", async () => {
      keepsAll(await judgedWith("single-user", { roles: ["ct_one"] }), outside);
    });

    it("alternating-users keeps every clause", async () => {
      const pair = { roles: ["ct_a", "ct_b"], groupRole: "ct_group", gracePeriod: "0s", drainTimeout: "5s" };
      keepsAll(await judgedWith("alternating-users", pair), outside);
    });
  });
});
