import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { evaluateSecret } from "../../policies/rules";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { SecretResult } from "../../rotation/result";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import { repository } from "../sandbox/paths";
import { clockAfter, statusAfter } from "./later";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const stack = "phases";
const admin = `${stack}-admin`;
const token = "acme-token-of-the-account";
const hour = 3600 * 1000;

describe("a key with a grace period", function () {
  this.timeout(240_000);
  let issuer: Issuer;
  let project: Project;
  let cluster: Workloads;
  const manager = () => realPorts({ region }).secretsManager;
  const live = async () => {
    const found = await manager().describe(`${stack}/acme`);
    assert.ok(found);
    return found;
  };
  const key = async (stage: string) => {
    const id = versionWith(stage, await live());
    const value = id && (await manager().value(`${stack}/acme`, id));
    assert.ok(value, stage);
    return JSON.parse(value) as { id: string; key: string };
  };
  const rotate = async (hours = 0, emergency = false): Promise<SecretResult> =>
    only(await project.rotate(["acme"], { ports: { clock: clockAfter(hours) }, emergency }));
  const phaseIn = async () => {
    const { phase, "phase-until": until, "retire-pending": pending } = (await live()).tags;
    return { phase, until, pending };
  };
  const status = (hours = 0) => statusAfter(project, hours);

  before(async () => {
    [issuer, project] = await Promise.all([startIssuer(), createProject(stack)]);
    await issuer.open("acme", token);
    await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: admin, SecretString: token }));
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    const from = JSON.stringify(join(repository, "test/issuer/rotators/acme"));
    writeFileSync(join(project.folder, "acme.ts"), `export { default } from ${from};\n`);
    const secret = {
      name: "acme",
      kind: "acme-key",
      externalSecret: { target: "acme", keys: [{ key: "KEY", property: "key" }] },
      consumers: [{ namespace: stack, name: "web", takes: "env" }],
      "acme-key": { url: issuer.url, account: "acme", admin, gracePeriod: "1h" },
    };
    project.declare([secret], { "secret-rotation:rotators": { "acme-key": "./acme.ts" } });
    await project.up();
    assert.equal((await rotate()).error?.message, undefined);
    assert.deepEqual(await phaseIn(), { phase: "activate", until: undefined, pending: undefined });
  });
  after(async () => {
    project.remove();
    await issuer.stop();
  });

  it("activates the new one, and stamps until when the older one stays valid", async () => {
    const before = await key("AWSCURRENT");
    assert.equal((await rotate()).outcome, "rotated");
    const { phase, until, pending } = await phaseIn();
    assert.deepEqual([phase, pending], ["activate", "true"]);
    const leftMs = new Date(until ?? 0).getTime() - Date.now();
    assert.ok(leftMs > 0.9 * hour && leftMs <= hour, until);
    assert.ok(await issuer.accepts("acme", before.key), "services that have the older one go on");
    assert.ok(await issuer.accepts("acme", (await key("AWSCURRENT")).key));
  });

  it("inside the grace period a run changes nothing, and status says what comes when", async () => {
    const [before, keys] = [await live(), await issuer.keys("acme")];
    assert.equal((await rotate()).outcome, "unchanged");
    assert.deepEqual(await live(), before);
    assert.deepEqual(await issuer.keys("acme"), keys);
    const { state, phase, next } = await status();
    const until = before.tags["phase-until"];
    assert.deepEqual([state, phase?.next, phase?.isReady, phase?.from], ["ok", "retire", false, until]);
    assert.deepEqual(next, { at: until, why: "the older credential is retired" });
  });

  it("one that is still used is not retired, and that is told", async () => {
    const older = await key("AWSPREVIOUS");
    assert.ok(await issuer.use("acme", older.key));
    const { outcome, warnings } = await rotate(2);
    assert.equal(outcome, "unchanged");
    assert.match(warnings.join(), /the older credential was used at .* it is not retired/);
    assert.ok(await issuer.accepts("acme", older.key));
    assert.equal((await phaseIn()).pending, "true");
  });

  it("that nobody comes to retire it is a policy's violation after a while", async () => {
    const { tags } = await live();
    const judged = (days: number) =>
      evaluateSecret({ name: `${stack}/acme`, tags }, { now: clockAfter(24 * days).now(), stack, environment: stack })
        .map(({ policy }) => policy)
        .filter((policy) => policy === "secret-retire-pending");
    assert.deepEqual([judged(5), judged(9)], [[], ["secret-retire-pending"]]);
  });

  it("an issuer that fails leaves it valid; the next run retires it, and proves that it is refused", async () => {
    // What was used above belongs to the older rotation: this one's older key is not used.
    assert.equal((await rotate(0, true)).outcome, "rotated");
    assert.equal((await rotate()).outcome, "rotated");
    const [older, now] = [await key("AWSPREVIOUS"), await key("AWSCURRENT")];
    const stamped = (await live()).tags;
    assert.equal((await status(2)).state, "due");
    await issuer.fault({ operation: "delete", fault: 500, times: 1 });
    const failed = await rotate(2);
    assert.deepEqual([failed.outcome, failed.error?.code, failed.error?.step], ["failed", "ROTATOR_FAILED", "retire"]);
    assert.ok(await issuer.accepts("acme", older.key));
    await issuer.heal();
    const { outcome, refused } = await rotate(2);
    assert.equal(outcome, "retired");
    assert.match(refused?.what ?? "", /refuses the credential before/);
    assert.ok(!(await issuer.accepts("acme", older.key)));
    assert.ok(await issuer.accepts("acme", now.key));
    assert.deepEqual(await phaseIn(), { phase: "retire", until: undefined, pending: undefined });
    const { tags } = await live();
    assert.equal(tags["rotated-at"], stamped["rotated-at"], "the value is as old as before");
    assert.equal((await key("AWSCURRENT")).id, now.id);
    assert.deepEqual(await project.up(), [], "nothing is left to do");
  });

  it("an emergency waits for no grace period", async () => {
    assert.equal((await rotate()).outcome, "rotated");
    const [older, now] = [await key("AWSPREVIOUS"), await key("AWSCURRENT")];
    assert.equal((await rotate(0, true)).outcome, "rotated");
    assert.deepEqual(await Promise.all([older.key, now.key].map((one) => issuer.accepts("acme", one))), [false, false]);
    assert.equal((await issuer.keys("acme")).length, 1);
  });
});
