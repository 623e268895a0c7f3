import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { logsIn } from "../integration/postgres";
import { region } from "../integration/project";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles } from "./databaseEstate";

const stack = "estate-others";
/** As RDS names the secret of the master user that it manages. */
const master = "rds!db-estate-others";
const host = "127.0.0.1";

describe("what others write into a database secret, and what they leave out", function () {
  this.timeout(120_000);
  let estate: DatabaseEstate;
  const port = () => Number(process.env.PGPORT);
  const goesWell = async (name: string) => {
    const result = await estate.rotate(name);
    assert.equal(result.error, undefined, `${result.error?.message} ${result.error?.hint}`);
    return JSON.parse(await estate.value(name));
  };
  const put = async (name: string, value: object) => {
    const SecretString = JSON.stringify(value);
    const put = { SecretId: `${stack}/${name}`, SecretString, ClientRequestToken: randomUUID() };
    await new SecretsManagerClient({ region }).send(new PutSecretValueCommand(put));
  };

  before(async () => {
    estate = await databaseEstate(stack);
    const { username, password } = JSON.parse(await estate.read("dev/postgres/superuser"));
    const SecretString = JSON.stringify({ username, password });
    await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: master, SecretString }));
    await makeRoles(
      ...["full", "short", "nowhere"].map((name): [string, string] => [`eo_${name}`, "LOGIN PASSWORD 'x1'"]),
    );
    const at = { host, port: port(), superuserSecret: master };
    estate.project.declare([
      databaseSecret("full", stack, ["eo_full"], at),
      databaseSecret("short", stack, ["eo_short"], at),
      databaseSecret("nowhere", stack, ["eo_nowhere"], { superuserSecret: master }),
    ]);
    await estate.project.up();
    await estate.put("full", "eo_full", "x1");
    await put("short", { username: "eo_short", password: "x1", host, port: String(port()) });
    await put("nowhere", { username: "eo_nowhere", password: "x1" });
  });
  after(() => estate.project.remove());

  it("the master's secret that RDS keeps has username and password alone: the declared endpoint is enough", async () => {
    await logsIn(JSON.stringify(await goesWell("full")));
  });

  it("a value without engine and dbname is for what is declared, and says so from then on", async () => {
    const value = await goesWell("short");
    assert.deepEqual([value.engine, value.dbname, value.port], ["postgres", "shop", String(port())]);
    await logsIn(JSON.stringify(value));
  });

  it("where nobody says the host, the field to declare is named, and nothing is written", async () => {
    const before = await estate.live("nowhere");
    const { error } = await estate.rotate("nowhere");
    assert.deepEqual([error?.code, error?.step], ["SECRET_MALFORMED", "check"]);
    assert.match(`${error?.message} ${error?.hint}`, /says the host.*declare database\.host/);
    assert.deepEqual(await estate.live("nowhere"), before);
  });
});
