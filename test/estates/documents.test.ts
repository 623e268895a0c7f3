import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { logsIn } from "../integration/postgres";
import { createProject, only, type Project, region } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

const namespace = "documents";
type Key = string | { readonly key: string; readonly property: string };
const keyed = (...keys: readonly Key[]) => ({
  target: "",
  namespaces: [namespace],
  keys: keys.map((key) => (typeof key === "string" ? { key } : key)),
});
const secret = (name: string, more: object, ...keys: readonly Key[]) => ({
  name,
  kind: "app",
  syncTimeout: "20s",
  rolloutTimeout: "30s",
  consumers: [{ namespace, name: "web", takes: "volume" }],
  ...more,
  externalSecret: { ...keyed(...keys), target: name },
});
const roles = { dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable" };
const login = (...keys: readonly Key[]) =>
  secret("login", { kind: "database", strategy: "single-user", database: { ...roles, roles: ["doc_sole"] } }, ...keys);

/** Secrets whose value somebody else has a part in: documents of an application, and properties that a rotation does not make. */
describe("values that are documents", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  const declared = new Map<string, object>();
  /** Beside what other tests have declared: a secret that has a value is not deleted. */
  const declare = (...secrets: readonly { readonly name: string }[]) => {
    for (const one of secrets) declared.set(one.name, one);
    project.declare([...declared.values()]);
  };
  const manager = () => realPorts({ region }).secretsManager;
  /** By hand. @returns the version's id */
  const put = async (name: string, SecretString: string) => {
    const aws = new SecretsManagerClient({ region });
    const SecretId = `documents/${name}`;
    const from = versionWith("AWSCURRENT", await live(name));
    const ClientRequestToken = randomUUID();
    const VersionStages = [from === undefined ? "AWSCURRENT" : "BY_HAND"];
    await aws.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken, VersionStages }));
    if (from !== undefined) await manager().moveCurrent(SecretId, { from, to: ClientRequestToken });
    return ClientRequestToken;
  };
  const live = async (name: string) => (await manager().describe(`documents/${name}`)) ?? assert.fail(`no ${name}`);
  const value = async (name: string, stage = "AWSCURRENT") =>
    (await manager().value(`documents/${name}`, versionWith(stage, await live(name)) ?? "")) ?? "";
  const data = (name: string) => cluster.secretData(namespace, name);
  const refused = async (name: string, message: RegExp, options: Parameters<Project["rotate"]>[1] = {}) => {
    const before = [await live(name), await value(name)];
    const { error } = only(await project.rotate([name], options));
    assert.deepEqual([error?.code, error?.step], ["SECRET_MALFORMED", "check"], error?.message);
    assert.match(error?.message ?? "", message);
    assert.deepEqual([await live(name), await value(name)], before);
    return error;
  };
  const rotated = async (name: string, options: Parameters<Project["rotate"]>[1] = {}) => {
    const result = only(await project.rotate([name], options));
    assert.equal(result.error?.message, undefined);
    return result;
  };

  before(async () => {
    project = await createProject("documents", { "secret-rotation:backup": { bucket: "documents-backups" } });
    cluster = workloads();
    await cluster.createNamespace(namespace);
    await cluster.deploy(namespace, "web");
    await asSuperuser(`CREATE ROLE doc_sole LOGIN PASSWORD 'by-hand'; GRANT CONNECT ON DATABASE shop TO doc_sole;
      GRANT doc_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  });
  after(() => project.remove());

  const config = '{"stripe_key":"x","webhook":{"id":7},"smtp_password":"p"}';

  it("an application's document is not overwritten by a text, in an emergency neither", async () => {
    declare(secret("config", {}, "KEY"));
    await project.up();
    await rotated("config");
    await put("config", config);
    const error = await refused("config", /the current value is a JSON document/);
    assert.match(error?.hint ?? "", /property: NAME/);
    await refused("config", /JSON document/, { emergency: true });
    // The way back from such an accident, and from the way back.
    await rotated("config", { rollback: { to: undefined } });
    await rotated("config", { rollback: { to: undefined } });
    assert.equal(await value("config"), config);
    assert.deepEqual(await data("config"), { KEY: config });
  });

  it("the property that is declared is renewed, and the rest stays byte for byte", async () => {
    const document =
      '{ "smtp_password" : "p",\n\t"port":"587", "big": 12345678901234567890, "none": null, "w": { "id" : 7.0 } }\n';
    declare(
      secret(
        "mail",
        { property: "smtp_password" },
        "ALL",
        ...["smtp_password", "big", "none", "w", "w.id"].map((property) => ({ key: property, property })),
      ),
    );
    await project.up();
    await refused("mail", /name big, none, w, w.id, which the secret's JSON does not have/);
    const first = await put("mail", document);
    const { backup } = await project.rotate(["mail"]);
    const made = await data("mail");
    const after = document.replace('"p"', JSON.stringify(made.smtp_password));
    assert.match(made.smtp_password ?? "", /^\w{48}$/);
    assert.equal(await value("mail"), after);
    assert.deepEqual(made, {
      ...{ ALL: after, smtp_password: made.smtp_password, big: "12345678901234567890", none: "", w: '{ "id" : 7.0 }' },
      "w.id": "7",
    });

    // Others go on with their part of it.
    const changed = after.replace('"587"', '"465"');
    await put("mail", changed);
    const back = await rotated("mail", { rollback: { to: first } });
    assert.match(back.warnings.join(), /only smtp_password goes back/);
    assert.equal(await value("mail"), document.replace('"587"', '"465"'));
    assert.equal((await rotated("mail", { restore: backup ?? "" })).outcome, "restored");
    assert.equal(await value("mail"), document);
    assert.equal((await data("mail")).ALL, document);
  });

  it("a value that External Secrets would refuse is written by no run, and one that is pending stops none", async () => {
    const moved = {
      secretsManager: { ...manager(), moveCurrent: () => Promise.reject(new Error("the connection is gone")) },
    };
    const grown = (...keys: readonly Key[]) => declare(secret("grown", { property: "key" }, ...keys));
    grown({ key: "KEY", property: "key" });
    await project.up();
    const first = await put("grown", '{"key":"by hand"}');
    assert.equal(only(await project.rotate(["grown"], { ports: moved })).error?.step, "finish");
    const pending = versionWith("AWSPENDING", await live("grown"));
    grown({ key: "KEY", property: "key" }, { key: "MORE", property: "more.0" });
    await refused("grown", /name more.0, which the secret's JSON does not have/);
    await put("grown", '{"key":"by hand","more":[1e3]}');
    const result = await rotated("grown");
    assert.equal(result.outcome, "rotated");
    assert.notEqual(result.newVersionId, pending);
    assert.equal((await data("grown")).MORE, "1000");
    // An older document lacks it too, where it is brought back as a whole.
    await put("grown", "lost");
    await refused("grown", /name more.0/, { rollback: { to: first } });
  });

  it("what somebody adds to a document while a rotation is interrupted is not lost", async () => {
    const moved = {
      secretsManager: { ...manager(), moveCurrent: () => Promise.reject(new Error("the connection is gone")) },
    };
    declare(secret("halfway", { property: "key" }, { key: "KEY", property: "key" }));
    await project.up();
    await put("halfway", '{"key":"by hand"}');
    const { newVersionId } = only(await project.rotate(["halfway"], { ports: moved }));
    assert.ok(newVersionId);
    await put("halfway", '{"key":"by hand", "added": 1.0}');
    assert.equal((await rotated("halfway")).outcome, "rotated");
    const { KEY } = await data("halfway");
    assert.equal(await value("halfway"), `{"key":"${KEY}", "added": 1.0}`);
    // What nobody has changed since goes on.
    const { newVersionId: pending } = only(await project.rotate(["halfway"], { ports: moved }));
    const resumed = await rotated("halfway");
    assert.deepEqual([resumed.outcome, resumed.newVersionId], ["resumed", pending]);
  });

  it("a database's document keeps what is not the rotation's, and what it lacks is refused before the password changes", async () => {
    declare(login({ key: "password", property: "password" }, { key: "replica", property: "replicas.0" }));
    await project.up();
    await refused("login", /name replicas.0/);
    const by = { host: "127.0.0.1", port: String(process.env.PGPORT) };
    const document = `{ "engine": "postgres", "host":"${by.host}", "port" : "${by.port}", "dbname":"shop", "username":"doc_sole",
      "password":"by-hand", "pool": 12345678901234567890, "none":null, "replicas": [ "r1" ], "masterarn":"arn" }`;
    await put("login", document);
    await rotated("login");
    const { password = "", replica } = await data("login");
    assert.equal(replica, "r1");
    const after = await value("login");
    assert.equal(
      after.replace(/"masterarn":"[^"]*"/, '"masterarn":"arn"'),
      document.replace('"by-hand"', JSON.stringify(password)),
    );
    await logsIn(after);
    declare(login({ key: "password", property: "password" }, { key: "x", property: "pool.deeper" }));
    await refused("login", /name pool.deeper/);
    await logsIn(after);
  });

  it("a signing key's document keeps what else is in it, and one without the key is refused", async () => {
    const keys = ["current", "kid"].map((property) => ({ key: property, property }));
    declare(secret("sign", { kind: "jwt" }, ...keys));
    await project.up();
    await put("sign", '{"signing_key":"hunter2","kid":"1"}');
    await refused("sign", /without a key in the property current/);
    await put("sign", `{ "kid" : 12345678901234567890, "current":"${"k".repeat(40)}" }`);
    await rotated("sign");
    const { current, kid } = await data("sign");
    assert.equal(kid, "12345678901234567890");
    assert.equal(
      await value("sign"),
      `{ "kid" : 12345678901234567890, "current":"${current}","previous":"${"k".repeat(40)}" }`,
    );
  });
});
