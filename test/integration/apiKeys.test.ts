import assert from "node:assert/strict";
import { IAM } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { RunResult } from "../../rotation/result";
import { declaredIssuers } from "../issuer/declared";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import { cli } from "./cli";
import { createProject, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const stack = "api-keys";
const admin = `${stack}-admin`;
const token = "acme-token-of-the-account";
const user = "api-keys-uploader";
const day = 86_400_000;

describe("API keys", function () {
  this.timeout(240_000);
  let issuer: Issuer;
  let project: Project;
  let cluster: Workloads;
  let iam: IAM;
  const ports = () => realPorts({ region });
  const live = async (name: string) => {
    const found = await ports().secretsManager.describe(`${stack}/${name}`);
    assert.ok(found);
    return found;
  };
  const value = async (name: string, stage = "AWSCURRENT"): Promise<Record<string, string>> => {
    const id = versionWith(stage, await live(name));
    return JSON.parse((id && (await ports().secretsManager.value(`${stack}/${name}`, id))) ?? "{}");
  };
  /** As somebody who runs it so many days later. */
  const rotate = (days = 0, names = ["acme", "uploader"], more: object = {}) =>
    project.rotate(names, { ports: { clock: { now: () => new Date(Date.now() + days * day) }, ...more } });
  const outcomes = ({ secrets }: RunResult) => secrets.map(({ outcome, error }) => error?.message ?? outcome);
  const isAccepted = async ({ id = "", key = "" }) =>
    (await ports().sts.ownerOf({ id, key }, AbortSignal.timeout(20_000))) !== undefined;
  const idsOfUser = async () =>
    ((await iam.listAccessKeys({ UserName: user })).AccessKeyMetadata ?? []).map(({ AccessKeyId }) => AccessKeyId);

  before(async () => {
    [issuer, project] = await Promise.all([startIssuer(), createProject(stack)]);
    iam = new IAM({ region });
    await issuer.open("acme", token);
    await iam.createUser({ UserName: user });
    await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: admin, SecretString: token }));
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    const secret = (name: string, parameters: object, properties: readonly string[]) => ({
      ...{ name, kind: "api-key", "api-key": parameters },
      externalSecret: { target: name, keys: properties.map((property) => ({ key: property, property })) },
      consumers: [{ namespace: stack, name: "web", takes: "env" }],
    });
    project.declare([
      secret("acme", { issuer: declaredIssuers(issuer.url, "acme", admin).openai }, ["key", "keySecondary"]),
      secret("uploader", { issuer: { iam: { user } }, order: "immediate" }, ["id", "key"]),
    ]);
    await project.up();
    assert.deepEqual(outcomes(await rotate()), ["rotated", "rotated"]);
  });
  after(async () => {
    project.remove();
    await issuer.stop();
  });

  it("come to the workload, and are what their issuers have", async () => {
    const [acme, uploader] = [await value("acme"), await value("uploader")];
    assert.deepEqual(await cluster.secretData(stack, "acme"), { key: acme.key, keySecondary: acme.key });
    assert.deepEqual(await cluster.secretData(stack, "uploader"), uploader);
    assert.deepEqual(await idsOfUser(), [uploader.id]);
    assert.ok(await isAccepted(uploader));
  });

  it("a phase at a time, from both valid to the older one refused", async () => {
    const [acme, uploader] = [await value("acme"), await value("uploader")];
    assert.deepEqual(outcomes(await rotate()), ["prepared", "rotated"]);
    const both = await value("acme");
    assert.deepEqual(
      [both.key, await cluster.secretData(stack, "acme")],
      [acme.key, { key: acme.key, keySecondary: both.keySecondary }],
    );
    for (const key of [both.key, both.keySecondary]) assert.ok(await issuer.accepts("acme", key ?? ""));
    assert.deepEqual(outcomes(await rotate(1)), ["unchanged", "unchanged"]);
    const next = await value("uploader");
    // Whether it is accepted is not asked: that would be a use of it.
    assert.deepEqual(await idsOfUser(), [uploader.id, next.id]);
    assert.deepEqual(outcomes(await rotate(8)), ["rotated", "retired"]);
    assert.equal((await value("acme")).key, both.keySecondary);
    assert.deepEqual([await isAccepted(uploader), await isAccepted(next)], [false, true]);
    assert.deepEqual(await idsOfUser(), [next.id]);
    assert.ok(await issuer.accepts("acme", acme.key ?? ""));
    assert.deepEqual(outcomes(await rotate(9, ["acme"])), ["retired"]);
    assert.ok(!(await issuer.accepts("acme", acme.key ?? "")));
    assert.equal((await issuer.keys("acme")).length, 1);
    assert.deepEqual(await project.up(), []);
  });

  it("an issuer that fails leaves the key in use as it is, and the next run does it", async () => {
    const before = await value("acme");
    await issuer.fault({ operation: "create", fault: 500, times: 1 });
    const [failed] = (await rotate(10, ["acme"])).secrets;
    assert.deepEqual([failed?.error?.code, failed?.error?.step], ["ROTATOR_FAILED", "create"]);
    assert.deepEqual(await value("acme"), before);
    assert.ok(await issuer.accepts("acme", before.key ?? ""));
    assert.deepEqual(outcomes(await rotate(10, ["acme"])), ["prepared"]);
  });

  it("of two runs at once none takes the other one's new key for a lost one", async () => {
    const before = await value("acme", "AWSCURRENT");
    const run = () => cli(project.folder, "rotate", "acme", "--emergency", "--yes", "--stack", stack).finished;
    const codes = (await Promise.all([run(), run()])).map(({ code }) => code);
    assert.ok(codes.includes(0), codes.join());
    const now = await value("acme");
    assert.notEqual(now.key, before.key);
    assert.ok(await issuer.accepts("acme", now.key ?? ""));
    assert.deepEqual(outcomes(await rotate(0, ["acme"])), ["prepared"]);
    const { id, idSecondary } = await value("acme");
    assert.deepEqual(
      (await issuer.keys("acme")).map((one) => one.id),
      [id, idSecondary],
    );
  });

  it("the key of the user that rotates is refused, and so is one of a user that was deleted", async () => {
    const sts = { ...ports().sts, caller: async () => `arn:aws:iam::123456789012:user/ci/${user}` };
    const [own] = outcomes(await rotate(10, ["uploader"], { sts }));
    assert.match(own ?? "", /the user api-keys-uploader is the one that rotates/);
    for (const AccessKeyId of await idsOfUser()) await iam.deleteAccessKey({ UserName: user, AccessKeyId });
    await iam.deleteUser({ UserName: user });
    const [gone] = outcomes(await rotate(10, ["uploader"]));
    assert.match(gone ?? "", /there is no user api-keys-uploader any more \(iam:ListAccessKeys\)/);
  });
});
