import assert from "node:assert/strict";
import { normalHost } from "../../infra/config/hostName";
import { sameHost } from "../../rotation/rotators/database/hosts";
import { logsIn } from "../integration/postgres";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles } from "./databaseEstate";

describe("a host of a database", () => {
  const addresses: Record<string, string[]> = {
    localhost: ["::1", "127.0.0.1"],
    "orders.acme.example": ["10.0.0.7"],
    "orders.c1a2.rds.example": ["10.0.0.7"],
    "warehouse.acme.example": ["10.0.0.8"],
  };
  const asked: string[] = [];
  const dns = {
    async addresses(host: string) {
      asked.push(host);
      return addresses[host] ?? (/^[\d.:a-f]+$/.test(host) ? [host] : []);
    },
  };
  const same: [string, string][] = [
    ["Orders.ACME.example", "orders.acme.example."],
    ["[::1]", "0:0:0:0:0:0:0:1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["localhost", "127.0.0.1"],
    ["LOCALHOST.", "::1"],
    ["orders.acme.example", "orders.c1a2.rds.example"],
  ];
  for (const [one, other] of same) it(`${one} is ${other}`, async () => assert.ok(await sameHost(dns, one, other)));

  const different: [string, string][] = [
    ["orders.acme.example", "warehouse.acme.example"],
    ["nowhere.example", "neither.example"],
    ["127.0.0.1", "127.0.0.2"],
    ["/var/run/one", "/var/run/other"],
  ];
  for (const [one, other] of different)
    it(`${one} is not ${other}`, async () => assert.ok(!(await sameHost(dns, one, other))));

  it("is only looked up where the texts differ", async () => {
    asked.length = 0;
    await sameHost(dns, "Orders.example", "orders.example.");
    assert.deepEqual(asked, []);
    assert.equal(normalHost("/Var/run"), "/var/run");
  });

  describe("on a real server", function () {
    this.timeout(300_000);
    let estate: DatabaseEstate;
    before(async () => {
      estate = await databaseEstate("estate-hosts");
      await makeRoles(["eh_alias", "LOGIN PASSWORD 'first'"]);
    });
    after(() => estate.project.remove());

    it("a value for an alias of the declared server is its own; one for another server is refused", async () => {
      estate.project.declare([databaseSecret("alias", "estate-hosts", ["eh_alias"])]);
      await estate.project.up();
      await estate.put("alias", "eh_alias", "first", { host: "127.0.0.2" });
      assert.equal((await estate.rotate("alias")).error?.code, "DATABASE_MISMATCH");
      await estate.put("alias", "eh_alias", "first", { host: "LocalHost" });
      const { error } = await estate.rotate("alias");
      assert.equal(error, undefined, `${error?.message} ${error?.hint}`);
      await logsIn(await estate.value("alias"));
    });
  });
});
