import assert from "node:assert/strict";
import type { ConsumerPorts } from "../../../rotation/consumers/awsPorts";
import { lambdaFunction } from "../../../rotation/consumers/lambdaFunction";
import { ports } from "../context";
import { configuration, Functions } from "./functions";

const marks = new Map([["prod.secret-rotation/shop.orders-db", "v2"]]);
describe("a Lambda function", () => {
  let functions: Functions;
  let all: ConsumerPorts;
  beforeEach(() => {
    functions = new Functions();
    all = ports({ lambda: functions });
  });
  const fields = { name: "orders", alias: "live" };
  const look = async (which: object = fields) => {
    const state = await lambdaFunction.look(which, all, marks);
    assert.ok(state);
    return state;
  };

  it("gets the variable, then a version, then the alias; what is done is not done again", async () => {
    for (let i = 0; i < 4 && !(await look()).isBegun; i++) await lambdaFunction.restart(fields, all, marks);
    assert.deepEqual(functions.done, ["variables", "publish", "alias"]);
    assert.equal(functions.pointer.version, "2");
    const { variables = {} } = functions.latest;
    const [mark = ""] = Object.keys(variables).filter((name) => name !== "OWN");
    assert.match(mark, /^SECRET_ROTATION_PROD_SHOP_ORDERS_DB_[0-9A-F]{8}$/);
    assert.deepEqual(variables, { OWN: "stays", [mark]: "v2" });
  });

  it("without an alias gets the variable alone", async () => {
    await lambdaFunction.restart({ name: "orders" }, all, marks);
    assert.deepEqual([functions.done, (await look({ name: "orders" })).isBegun], [["variables"], true]);
  });

  it("is waited for while its update is in progress, and told when that has failed", async () => {
    functions.latest = { ...configuration, lastUpdate: "InProgress", reason: "creating" };
    assert.match((await look()).waitsFor ?? "", /its update is in progress \(creating\)/);
    functions.latest = { ...configuration, lastUpdate: "Failed", reason: "no such role" };
    assert.match((await look()).failed ?? "", /its last update has failed \(no such role\)/);
  });

  it("after an update that has failed the variable is set again", async () => {
    await lambdaFunction.restart({ name: "orders" }, all, marks);
    functions.latest = { ...functions.latest, lastUpdate: "Failed" };
    assert.equal((await look({ name: "orders" })).isBegun, false);
    await lambdaFunction.restart({ name: "orders" }, all, marks);
    assert.deepEqual(functions.done, ["variables", "variables"]);
  });

  for (const [what, change, why] of [
    ["variables that may not be read", { latest: { ...configuration, variables: undefined } }, /may not be read/],
    ["other code in $LATEST", { latest: { ...configuration, codeSha256: "b" } }, /would release/],
    ["other variables in $LATEST", { latest: { ...configuration, variables: { OWN: "new" } } }, /would release/],
    ["an alias that divides calls", { pointer: { version: "1", isWeighted: true, revisionId: "1" } }, /divides calls/],
  ] as const) {
    it(`is not restarted with ${what}`, async () => {
      Object.assign(functions, change);
      assert.match((await look()).heldBack?.why ?? "", why);
    });
  }

  it("marks of others are no difference between $LATEST and what the alias serves", async () => {
    functions.latest = { ...configuration, variables: { OWN: "stays", SECRET_ROTATION_OTHER_00000000: "v9" } };
    assert.equal((await look()).heldBack, undefined);
  });
});
