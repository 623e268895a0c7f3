import assert from "node:assert/strict";
import { DeleteSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { secretUrn } from "../../infra/urns";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { createProject, only, type Project, region } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";

const namespace = "estate-up";
const app = (name: string, ...consumers: string[]) => ({
  name,
  kind: "app",
  syncTimeout: "10s",
  rolloutTimeout: "30s",
  externalSecret: { target: name.replace("/", "-"), keys: [{ key: "KEY" }], namespaces: [namespace] },
  consumers: consumers.map((consumer) => ({ namespace, name: consumer, takes: "env" })),
});

describe("pulumi up in an estate where others delete and rename", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  let aws: SecretsManagerClient;

  const manager = () => realPorts({ region }).secretsManager;
  const live = async (name: string) => manager().describe(`estate-up/${name}`);
  const current = async (name: string) => {
    const found = await live(name);
    const id = found && versionWith("AWSCURRENT", found);
    return id && manager().value(`estate-up/${name}`, id);
  };
  const inKubernetes = async (name: string) => (await cluster.secretData(namespace, name.replace("/", "-"))).KEY;
  const deleteOutside = async (name: string) => {
    await aws.send(new DeleteSecretCommand({ SecretId: `estate-up/${name}`, ForceDeleteWithoutRecovery: true }));
  };
  const rotated = async (...names: string[]) => {
    const { secrets } = await project.rotate(names);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.message ?? outcome),
      names.map(() => "rotated"),
    );
  };

  before(async () => {
    project = await createProject("estate-up");
    aws = new SecretsManagerClient({});
    cluster = workloads();
    await cluster.createNamespace(namespace);
    await cluster.deploy(namespace, "web");
    project.declare([app("api/key", "web"), app("api/other", "web"), app("api/new")]);
    await project.up();
    await rotated("api/key", "api/other");
  });
  after(() => project.remove());

  it("makes a secret again that was deleted outside, without a version, and leaves Kubernetes and workloads alone", async () => {
    const [value, rollouts] = [await current("api/key"), await cluster.rollouts(namespace, "web")];
    await deleteOutside("api/key");
    const operations = await project.up({ refresh: true });
    assert.ok(operations.includes("create Secret api/key"), operations.join());
    assert.deepEqual(
      operations.filter((operation) => /SecretVersion|Patch/.test(operation)),
      [],
    );
    assert.deepEqual((await live("api/key"))?.stages, {});
    assert.equal(await inKubernetes("api/key"), value);
    assert.deepEqual(await project.up(), []);
    assert.equal(await cluster.rollouts(namespace, "web"), rollouts);
    await rotated("api/key");
    assert.notEqual(await current("api/key"), value);
    assert.equal(await inKubernetes("api/key"), await current("api/key"));
    assert.deepEqual(await project.up(), []);
  });

  it("says what to do where the stack still has what was deleted outside", async () => {
    await deleteOutside("api/key");
    const { error } = only(await project.rotate(["api/key"]));
    assert.equal(error?.code, "NOT_PROVISIONED");
    assert.match(error?.hint ?? "", /pulumi up --refresh --stack estate-up/);
    await project.up({ refresh: true });
    await rotated("api/key");
  });

  it("refuses a renamed stack before anything is touched, and goes on under the old environment", async () => {
    const value = await current("api/key");
    await project.rename("estate-up-2");
    await assert.rejects(project.up(), /pulumi config set secret-rotation:environment estate-up --stack estate-up-2/);
    const { error } = only(await project.rotate(["api/key"]));
    assert.equal(error?.code, "NOT_PROVISIONED");
    assert.equal(await manager().describe("estate-up-2/api/key"), undefined);
    project.declare([app("api/key", "web"), app("api/other", "web"), app("api/new")], {
      "secret-rotation:environment": "estate-up",
    });
    // The SecretStore is the stack's own, and has its name.
    const onlyStores = (operations: readonly string[]) =>
      assert.deepEqual(
        operations.filter((operation) => !/ SecretStore | ExternalSecret /.test(operation)),
        [],
      );
    onlyStores(await project.up());
    await rotated("api/key");
    assert.notEqual(await current("api/key"), value);
    await project.rename("estate-up");
    onlyStores(await project.up());
    assert.deepEqual(await project.up(), []);
  });

  it("refuses to delete a value whose declaration was removed; one without a value goes", async () => {
    const value = await current("api/other");
    project.declare([app("api/key", "web")]);
    await assert.rejects(project.up(), (error: Error) => {
      assert.match(error.message, /estate-up\/api\/other: it is no longer declared/);
      assert.doesNotMatch(error.message, /estate-up\/api\/new: it is/);
      return true;
    });
    assert.equal(await current("api/other"), value);
    assert.equal(await inKubernetes("api/other"), value);
    project.declare([app("api/key", "web"), app("api/other", "web")]);
    const operations = await project.up();
    assert.deepEqual(operations.filter((operation) => !operation.includes("ManagedSecret")).sort(), [
      "delete ExternalSecret estate-up/api/new",
      "delete Secret api/new",
    ]);
  });

  it("does not delete a value that a person put", async () => {
    project.declare([app("api/key", "web"), app("api/other", "web"), app("api/hand")]);
    await project.up();
    await aws.send(new PutSecretValueCommand({ SecretId: "estate-up/api/hand", SecretString: "put by hand" }));
    project.declare([app("api/key", "web"), app("api/other", "web")]);
    await assert.rejects(project.up(), /estate-up\/api\/hand: it is no longer declared/);
    assert.equal(await current("api/hand"), "put by hand");
    project.declare([app("api/key", "web"), app("api/other", "web"), app("api/hand")]);
    await project.up();
  });

  it("does not destroy a secret that has a value, nor replace it when told to", async () => {
    const stack = await project.pulumi();
    await assert.rejects(stack.destroy(), /KeptValues::values.* cannot be deleted/);
    assert.deepEqual(await project.up(), []);
    const urn = `urn:pulumi:estate-up::secret-rotation::secret-rotation:infra:ManagedSecret$aws:secretsmanager/secret:Secret::api/key`;
    await assert.rejects(project.up({ replace: [urn] }), /protection/);
    const version = urn.replace("/secret:Secret", "/secretVersion:SecretVersion");
    const before = await live("api/key");
    await assert.rejects(project.up({ replace: [version] }), /only a rotation writes one. Rotate it/);
    assert.deepEqual(await live("api/key"), before);
    assert.deepEqual(await project.up({ refresh: true }), []);
    await rotated("api/key");
  });

  it("lets go of what mayDelete names", async () => {
    const may = { "secret-rotation:mayDelete": ["estate-up/api/other", "estate-up/api/hand"] };
    project.declare([app("api/key", "web"), app("api/other", "web"), app("api/hand")], may);
    assert.deepEqual(await project.up(), []);
    project.declare([app("api/key", "web")], may);
    await project.up();
    assert.ok((await live("api/other"))?.deletedAt);
    assert.equal((await live("api/key"))?.deletedAt, undefined);
  });

  it("lets go, by name, of a value that a renamed stack replaces, and begins without one", async () => {
    const may = { "secret-rotation:mayDelete": ["estate-up/api/key"] };
    const declare = (more: object = {}) => project.declare([app("api/key", "web")], more);
    await project.rename("estate-up-3");
    const urn = secretUrn("estate-up-3", "api/key");
    const how = `pulumi state unprotect '${urn}' --stack estate-up-3`;
    declare();
    await assert.rejects(project.up(), (error: Error) => error.message.includes(how));
    declare(may);
    await project.unprotect("api/key");
    await project.up();
    assert.ok((await live("api/key"))?.deletedAt);
    assert.deepEqual((await manager().describe("estate-up-3/api/key"))?.stages, {});
    declare();
    assert.deepEqual(await project.up(), []);
    await rotated("api/key");
  });
});
