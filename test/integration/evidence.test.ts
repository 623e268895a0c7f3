import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realPorts } from "../../rotation/ports";
import { asSuperuser } from "../sandbox/testing/superuser";
import { cli } from "./cli";
import { createProject, type Project, region } from "./project";
import { workloads } from "./workloads";

const secret = (name: string, more: object) => ({
  name,
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: "evidence", name: "web", takes: "env" }],
  ...more,
});
const database = {
  ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable" },
  ...{ roles: ["ev_sole"], adopt: true },
};
const key = secret("key", { kind: "app", maxAgeDays: 365, maxAgeReason: '=risk("TRA-12")' });
const sole = secret("sole", { kind: "database", strategy: "single-user", database });
const audit = { "secret-rotation:audit": { file: "audit.jsonl" } };
const today = () => new Date().toISOString().slice(0, 10);

describe("report and evidence", function () {
  this.timeout(120_000);
  let project: Project;
  let folder: string;
  const command = (...args: string[]) => cli(project.folder, ...args, "--stack", "evidence").finished;
  const evidence = (out: string, ...more: string[]) =>
    command("evidence", "--from", today(), "--to", today(), "--out", join(folder, out), ...more);
  const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "evidence-"));
    project = await createProject("evidence", audit);
    const cluster = workloads();
    await cluster.createNamespace("evidence");
    await cluster.deploy("evidence", "web");
    await asSuperuser(`CREATE ROLE ev_sole LOGIN; GRANT CONNECT ON DATABASE shop TO ev_sole;
      GRANT ev_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare([key, sole]);
    await project.up();
    const { code, stderr } = await command("rotate", "--type", "all", "--reason", "<script>first</script>");
    assert.equal(code, 0, stderr);
    const emergency = await command("rotate", "sole", "--emergency", "--yes", "--reason", "seen in a log");
    assert.equal(emergency.code, 0, emergency.stderr);
    const failing = await command("rollback", "sole");
    assert.equal(failing.code, 1);
  });
  after(() => {
    rmSync(folder, { recursive: true });
    project.remove();
  });

  it("the page shows ages, the last run, history and failures with their cure, and replaces an older one", async () => {
    writeFileSync(join(folder, "page.html"), "older");
    const { code, stdout, stderr } = await command("report", "--html", join(folder, "page.html"));
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${join(folder, "page.html")}\n`);
    const page = read("page.html");
    assert.match(page, /aria-label="0 of 365 days, 0 %"/);
    assert.match(page, /sole: check: [\s\S]*?\(RETIRED\)[\s\S]*?<b>Cure:<\/b>/);
    assert.match(page, /rotate \(emergency\)/);
    assert.match(page, /&lt;script&gt;first/);
    assert.match(page, /<title>check: from \d\.\d\d s/);
    assert.deepEqual(readdirSync(folder), ["page.html"]);
  });

  it("the evidence has the population, each rotation with who, why and versions, and the proof of refusal", async () => {
    const exceptions = [{ secret: "sole", reason: "vendor, migrates", until: "2999-12-31" }];
    writeFileSync(join(folder, "pack.json"), JSON.stringify({ "secret-max-age": { exceptions } }));
    const { code, stdout, stderr } = await evidence("first", "--policy-config", join(folder, "pack.json"));
    assert.equal(code, 0, stderr);
    const { population, rotations, exceptions: told, remarks } = JSON.parse(read("first", "evidence.json"));
    assert.deepEqual(
      population.map((one: { secret: string; rotations: number; failures: number }) => [
        one.secret,
        one.rotations,
        one.failures,
      ]),
      [
        ["key", 1, 0],
        ["sole", 2, 1],
      ],
    );
    const [first, second, urgent, failed] = rotations;
    assert.deepEqual([first.secret, second.secret, first.reason], ["key", "sole", "<script>first</script>"]);
    assert.match(first.awsIdentity, /^arn:aws:/);
    const live = await realPorts({ region }).secretsManager.describe("evidence/key");
    assert.ok(live?.stages[first.newVersionId]?.includes("AWSCURRENT"));
    // What the emergency proved: the server refuses the password of the version that it replaced.
    assert.match(urgent.refused, /^127\.0\.0\.1:\d+ refuses the password before, of role ev_sole$/);
    assert.deepEqual(
      [urgent.emergency, urgent.reason, urgent.refusedVersionId],
      [true, "seen in a log", second.newVersionId],
    );
    assert.ok(urgent.refusedAt > urgent.startedAt && urgent.refusedAt < urgent.endedAt);
    assert.deepEqual([failed.command, failed.errorCode, failed.refused], ["rollback", "RETIRED", undefined]);
    assert.deepEqual([told[0].subject, told[0].state], ["sole", "in force"]);
    assert.ok(remarks.some((remark: string) => remark.endsWith("was not over yet")));
    // For a spreadsheet, no formula.
    assert.match(
      read("first", "population.csv"),
      /^key,evidence\/key,yes,app,simple,yes,365,90,"'=risk\(""TRA-12""\)",ok,/m,
    );
    assert.match(
      read("first", "exceptions.csv"),
      /^secret-max-age,exception,sole,"vendor, migrates",2999-12-31,in force\r$/m,
    );
    assert.doesNotMatch(read("first", "evidence.html"), /<script/);
    const hash = createHash("sha256").update(read("first", "manifest.json")).digest("hex");
    assert.ok(stdout.includes(`SHA-256 of manifest.json: ${hash}`));
  });

  it("hold no value", async () => {
    const { secretsManager } = realPorts({ region });
    const texts = ["page.html", ...readdirSync(join(folder, "first")).map((name) => `first/${name}`)].map((name) =>
      read(name),
    );
    for (const name of ["key", "sole"]) {
      const found = await secretsManager.describe(`evidence/${name}`);
      for (const version of Object.keys(found?.stages ?? {})) {
        const value = (await secretsManager.value(`evidence/${name}`, version)) ?? "";
        const password = name === "sole" ? JSON.parse(value).password : value;
        assert.ok(password.length >= 32);
        for (const text of texts) assert.ok(!text.includes(password));
      }
    }
  });

  it("a secret that is not declared any more stays in the population of the period", async () => {
    project.declare([key]);
    const { code } = await evidence("second");
    project.declare([key, sole]);
    assert.equal(code, 0);
    const { population, remarks } = JSON.parse(read("second", "evidence.json"));
    const gone = population.find((one: { secret: string }) => one.secret === "sole");
    assert.deepEqual([gone.declared, gone.rotations], [false, 2]);
    assert.ok(remarks.includes("in the audit trail of the period, and not declared now: sole"));
  });

  it("the evidence is refused, with what to do, where it would write over, or there is no audit trail", async () => {
    const again = await evidence("first");
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is not empty: name a new folder, nothing is written over/);
    const bare = await createProject("untold");
    try {
      const args = ["--stack", "untold", "--from", "2026-01-01", "--to", "2026-01-02", "--out", join(folder, "none")];
      const { code, stderr } = await cli(bare.folder, "evidence", ...args).finished;
      assert.equal(code, 2);
      assert.match(stderr, /Pulumi.untold.yaml declares no audit trail: add a place to it, e.g. secret-rotation:audit/);
      const page = await cli(bare.folder, "report", "--stack", "untold", "--html", join(folder, "bare.html")).finished;
      assert.equal(page.code, 0, page.stderr);
      assert.match(read("bare.html"), /There is no history to show: Pulumi.untold.yaml declares no audit trail/);
    } finally {
      bare.remove();
    }
    assert.ok(!readdirSync(folder).includes("none"));
  });
});
