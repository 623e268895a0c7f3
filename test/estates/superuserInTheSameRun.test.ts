import assert from "node:assert/strict";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { type FaultProject, faultProject } from "../faults/faultProject";
import { isRefused, logsIn } from "../integration/postgres";
import { region } from "../integration/project";
import { workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

const stack = "est-superuser";
const users = ["su_a", "su_b", "su_c", "su_d"];

describe("the superuser's secret is rotated in the same run", function () {
  this.timeout(240_000);
  let project: FaultProject;
  const manager = realPorts({ region }).secretsManager;

  before(async () => {
    project = await faultProject(stack);
    await workloads().createNamespace(stack);
    await asSuperuser(`CREATE ROLE su_root LOGIN SUPERUSER PASSWORD 'root-first'; CREATE ROLE su_boss LOGIN SUPERUSER PASSWORD 'boss-first';
      ${users.map((role) => `CREATE ROLE ${role} LOGIN; GRANT CONNECT ON DATABASE shop TO ${role}`).join(";")}`);
    project.declare([
      declaration("su_root", "dev/postgres/superuser"),
      declaration("su_boss", "dev/postgres/superuser"),
    ]);
    await project.up();
    await first("su_root", "root-first");
    await first("su_boss", "boss-first");
    const arn = (await manager.describe(`${stack}/su_root`))?.arn ?? "";
    // Each names itself or the other; the others name one of them, by its name or its ARN.
    project.declare([
      declaration("su_root", `${stack}/su_root`),
      declaration("su_boss", `${stack}/su_root`),
      ...users.map((name, i) => declaration(name, [`${stack}/su_root`, arn, `${stack}/su_boss`][i % 3] ?? "")),
    ]);
    await project.up();
  });
  after(() => project.remove());

  it("and everything comes through, each time", async () => {
    for (let round = 0; round < 4; round++) await allRotate();
  });

  it("also where two name each other", async () => {
    project.declare([
      declaration("su_root", `${stack}/su_boss`),
      declaration("su_boss", `${stack}/su_root`),
      ...users.map((name) => declaration(name, `${stack}/su_root`)),
    ]);
    for (let round = 0; round < 2; round++) await allRotate();
  });

  it("also where its own rotation was interrupted between set and finish: the others are rotated all the same", async () => {
    let isKilled = false;
    const secretsManager: typeof manager = {
      ...manager,
      async moveCurrent() {
        isKilled = true;
        throw new Error("it is killed here");
      },
      // As a kill leaves it: nothing is set back.
      async describe(secret) {
        if (isKilled) throw new Error("AWS is not reached");
        return manager.describe(secret);
      },
    };
    await project.rotate(["su_root"], { ports: { secretsManager } });
    const { current, pending, value } = await project.live("su_root");
    await logsIn(await value(pending));
    await isRefused(await value(current));
    const others = await project.rotate([...users]);
    for (const { error } of others.secrets) assert.equal(error?.message, undefined);
    await allRotate();
  });

  async function allRotate(): Promise<void> {
    const { secrets } = await project.rotate(["su_root", "su_boss", ...users]);
    for (const { error } of secrets) assert.equal(error?.message, undefined);
    for (const { secret } of secrets) {
      const { current, value } = await project.live(secret);
      await logsIn(await value(current));
    }
  }

  async function first(name: string, password: string): Promise<void> {
    const { PGHOST: host, PGPORT: port } = process.env;
    const SecretString = JSON.stringify({
      engine: "postgres",
      host,
      port: Number(port),
      dbname: "shop",
      username: name,
      password,
    });
    await new SecretsManagerClient({ region }).send(
      new PutSecretValueCommand({ SecretId: `${stack}/${name}`, SecretString }),
    );
  }

  function declaration(name: string, superuserSecret: string) {
    return {
      name,
      kind: "database",
      strategy: "single-user",
      externalSecret: {
        target: name.replace("_", "-"),
        keys: ["username", "password"].map((key) => ({ key, property: key })),
        namespaces: [stack],
      },
      database: { dbname: "shop", superuserSecret, tls: "disable", roles: [name], adopt: true },
    };
  }
});
