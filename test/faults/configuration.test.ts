import assert from "node:assert/strict";
import { cli } from "../integration/cli";
import { createProject, type Project } from "../integration/project";

const stack = "faults-config";
const app = {
  name: "key",
  kind: "app",
  externalSecret: { target: "key", keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
};
const database = { dbname: "shop", roles: ["a", "a"], superuserSecret: "dev/postgres/superuser" };

describe("the configuration is wrong", function () {
  this.timeout(60_000);
  let project: Project;

  before(async () => {
    // Whatever asks AWS for anything fails, and would say something else.
    project = await createProject(stack, { "aws:endpoints": [{ secretsmanager: "http://127.0.0.1:1" }] });
    project.declare([
      { ...app, maxAgeDay: 3 },
      app,
      { ...app, name: "slow", rolloutTimeout: "5 minutes", externalSecret: { target: "slow", keys: [{ key: "KEY" }] } },
      { ...app, name: "db", kind: "database", externalSecret: { target: "db", keys: [{ key: "KEY" }] }, database },
      { ...app, name: "db.2", externalSecret: { target: "key", keys: [{ key: "KEY" }] } },
    ]);
  });
  after(() => project.remove());

  for (const command of [["rotate", "--type", "all"], ["status"], ["rollback", "key"]]) {
    it(`${command.join(" ")}: every mistake is told at once, with its path, before anything is asked`, async () => {
      const { code, stdout, stderr } = await cli(project.folder, ...command, "--stack", stack).finished;
      assert.deepEqual([code, stdout], [2, ""]);
      assert.deepEqual(stderr.trim().split("\n"), [
        `ConfigurationError: Pulumi.${stack}.yaml has 5 problems:`,
        "  secrets[0].maxAgeDay: is not a known key: remove or correct it",
        '  secrets[2].rolloutTimeout: "5 minutes" is no duration: write a number and s, m, h or d, e.g. 5m',
        "  secrets[3].database.roles: alternating-users needs 2 different roles",
        "  secrets[3].database.groupRole: is needed: both roles own the same things through it",
        `  secrets[4].externalSecret.target: the Kubernetes Secret ${stack}/key is declared already at secrets[1].externalSecret.target`,
      ]);
    });
  }
});
