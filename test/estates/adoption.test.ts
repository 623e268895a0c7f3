import assert from "node:assert/strict";
import { silent } from "../../rotation/observer";
import type { Step } from "../../rotation/steps";
import { killEngineOf } from "../integration/killEngine";
import { isRefused, logsIn } from "../integration/postgres";
import { asSuperuser } from "../sandbox/testing/superuser";
import { afterPassword } from "./afterPassword";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles } from "./databaseEstate";

const stack = "estate-adopt";
const sole = (name: string, more: object = {}) => databaseSecret(name, stack, [`ea_${name}`], more);
const pair = (name: string, more: object = {}) =>
  databaseSecret(name, stack, [`ea_${name}_a`, `ea_${name}_b`], { groupRole: "ea_group", ...more });
const declared = [
  sole("strange"),
  sole("held"),
  sole("theirs", { adopt: true }),
  sole("old"),
  sole("killed", { adopt: true }),
  pair("turns"),
  pair("fresh"),
];

describe("the adoption of a role", function () {
  this.timeout(300_000);
  let estate: DatabaseEstate;
  const refused = async (name: string, code: string, options?: { emergency: boolean }) => {
    const { error } = await estate.rotate(name, options);
    assert.deepEqual([error?.code, error?.step], [code, "check"], error?.message);
    return error;
  };
  const goesWell = async (name: string) => {
    const { error } = await estate.rotate(name);
    assert.equal(error, undefined, `${error?.message} ${error?.hint}`);
    await logsIn(await estate.value(name));
  };
  const claim = async (name: string) => `[secret-rotation: ${(await estate.arn(name)).replace(/-\w{6}$/, "")}]`;

  before(async () => {
    estate = await databaseEstate(stack);
    await makeRoles(["ea_group", "NOLOGIN"]);
    const roles = ["strange", "held", "theirs", "old", "killed", "turns_a", "turns_b"];
    await makeRoles(...roles.map((name): [string, string] => [`ea_${name}`, "LOGIN PASSWORD 'of a service'"]));
    estate.project.declare(declared);
    await estate.project.up();
  });
  after(() => estate.project.remove());

  const credential = (username: string, password = "of a service") =>
    JSON.stringify({ host: "127.0.0.1", port: process.env.PGPORT, dbname: "shop", username, password });

  it("is refused, also in an emergency, where it was not asked for and the secret does not hold the role's credential", async () => {
    for (const emergency of [false, true]) {
      const error = await refused("strange", "ADOPTION_NOT_ASKED", { emergency });
      assert.match(error?.message ?? "", /the role ea_strange exists already/);
      assert.match(error?.hint ?? "", /put-secret-value.*database\.adopt: true/);
    }
    await estate.put("strange", "ea_strange", "not the right one");
    for (const emergency of [false, true]) await refused("strange", "ADOPTION_NOT_ASKED", { emergency });
    await logsIn(credential("ea_strange"));
    assert.equal(await estate.comment("ea_strange"), null);
  });

  it("goes on where it is asked for, and the role then says whose it is, after what it said before", async () => {
    await asSuperuser("COMMENT ON ROLE ea_strange IS 'call [Ann] first'");
    estate.project.declare([...declared.slice(1), sole("strange", { adopt: true })]);
    await goesWell("strange");
    await isRefused(credential("ea_strange"));
    assert.equal(await estate.comment("ea_strange"), `call [Ann] first ${await claim("strange")}`);
    estate.project.declare(declared);
    await goesWell("strange");
    assert.equal(await estate.comment("ea_strange"), `call [Ann] first ${await claim("strange")}`);
  });

  it("killed when the password and the claim are committed: the same command goes on", async () => {
    const before = estate.comment("ea_killed");
    assert.equal(await before, null);
    const postgres = afterPassword(async () => killEngineOf(stack));
    const { error } = await estate.rotate("killed", { ports: { postgres } });
    assert.ok(error, "it was not killed");
    assert.equal(await estate.comment("ea_killed"), await claim("killed"));
    await isRefused(credential("ea_killed"));
    await logsIn(await estate.value("killed", "AWSPENDING"));
    await goesWell("killed");
  });

  it("is not needed where the secret holds the credential", async () => {
    await estate.put("held", "ea_held", "of a service");
    await goesWell("held");
    assert.equal(await estate.comment("ea_held"), await claim("held"));
  });

  it("of what another secret has claimed is refused, also where it was asked for; the hint releases it", async () => {
    const other = "[secret-rotation: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/other]";
    await asSuperuser(`COMMENT ON ROLE ea_theirs IS 'of the billing team ${other}'`);
    const error = await refused("theirs", "ROLE_CLAIMED");
    assert.match(error?.message ?? "", /belongs to arn:aws:secretsmanager:.*:secret:prod\/other/);
    await logsIn(credential("ea_theirs"));
    const [, release = ""] = /release the role: (.*)$/.exec(error?.hint ?? "") ?? [];
    await asSuperuser(release);
    await goesWell("theirs");
    assert.equal(await estate.comment("ea_theirs"), `of the billing team ${await claim("theirs")}`);
  });

  it("a claim that comes between check and set stops it, and neither password nor comment is changed", async () => {
    const other = "[secret-rotation: arn:aws:secretsmanager:eu-west-1:123456789012:secret:dev/late]";
    const before = await estate.value("theirs");
    let claimed: Promise<unknown> | undefined;
    const stepStarted = (_: string, step: Step) => {
      if (step === "create") claimed = asSuperuser(`COMMENT ON ROLE ea_theirs IS '${other}'`);
    };
    const { error } = await estate.rotate("theirs", { observer: { ...silent, stepStarted } });
    await claimed;
    assert.deepEqual([error?.code, error?.step], ["ROLE_CLAIMED", "set"], error?.message);
    assert.deepEqual([await estate.value("theirs"), await estate.comment("ea_theirs")], [before, other]);
    await logsIn(before);
    await asSuperuser("COMMENT ON ROLE ea_theirs IS NULL");
    await goesWell("theirs");
  });

  it("what rotated before there were claims is claimed by its next rotation, without a word", async () => {
    await estate.put("old", "ea_old", "of a service");
    await goesWell("old");
    await asSuperuser("COMMENT ON ROLE ea_old IS NULL");
    await goesWell("old");
    assert.equal(await estate.comment("ea_old"), await claim("old"));
  });

  it("holds for both of two roles: the second one that is somebody's is refused; one that is missing is made and claimed", async () => {
    await asSuperuser("GRANT ea_group TO ea_turns_a");
    await estate.put("turns", "ea_turns_a", "of a service");
    const error = await refused("turns", "ADOPTION_NOT_ASKED");
    assert.match(error?.message ?? "", /the role ea_turns_b exists already/);
    estate.project.declare([...declared.filter(({ name }) => name !== "turns"), pair("turns", { adopt: true })]);
    await goesWell("turns");
    await logsIn(credential("ea_turns_a"));
    estate.project.declare(declared);
    for (const _ of [1, 2]) await goesWell("fresh");
    for (const role of ["ea_fresh_a", "ea_fresh_b"]) assert.equal(await estate.comment(role), await claim("fresh"));
    for (const role of ["ea_turns_a", "ea_turns_b"]) assert.equal(await estate.comment(role), await claim("turns"));
  });
});
