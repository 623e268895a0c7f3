import assert from "node:assert/strict";
import { type Json, type Pack, unknownText } from "./analyzer";
import { ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "secret-value-not-in-state";
const says = reporter(policy, "No secret value is written into the state of the stack.");
const canary = "canary-4f1c";

describe("policies/secretValueNotInState", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
    await pack.configure();
  });

  async function judged(type: string, props: Json) {
    return ofPolicy(policy, await pack.analyze({ type, name: "shop/orders-db", props }));
  }
  const version = (props: Json) =>
    judged("aws:secretsmanager/secretVersion:SecretVersion", { secretId: "arn", ...props });
  const kubernetes = (props: Json, type = "Secret") =>
    judged(`kubernetes:core/v1:${type}`, { metadata: { name: "orders-db", namespace: "shop" }, ...props });

  it("passes a write-only value", async () => {
    assert.deepEqual(
      await version({ secretStringWo: canary, secretStringWoVersion: 1, versionStages: ["AWSPENDING"] }),
      [],
    );
  });

  for (const property of ["secretString", "secretBinary"]) {
    it(`reports a value in ${property}, and does not repeat it`, async () => {
      const expected = [
        says(
          "mandatory",
          `SecretVersion shop/orders-db has its value in ${property}. Use secretStringWo, which is never read back. ` +
            "A value that was in the state counts as known: run: npm run rotate -- shop/orders-db --stack prod",
        ),
      ];
      assert.deepEqual(await version({ [property]: canary }), expected);
      assert.deepEqual(await version({ [property]: unknownText }), expected);
    });
  }

  it("passes a Kubernetes Secret without data", async () => {
    assert.deepEqual(await kubernetes({ type: "kubernetes.io/service-account-token" }), []);
    assert.deepEqual(await kubernetes({ data: {}, stringData: {} }), []);
  });

  for (const type of ["Secret", "SecretPatch"]) {
    it(`reports data and stringData of a Kubernetes ${type}`, async () => {
      const of = (property: string) =>
        says(
          "mandatory",
          `Kubernetes Secret shop/orders-db has its value in ${property}. Let an ExternalSecret create it. ` +
            "A value that was in the state counts as known: rotate it",
        );
      const found = await kubernetes({ data: { password: canary }, stringData: { user: canary } }, type);
      assert.deepEqual(found, [of("data"), of("stringData")]);
      assert.ok(!JSON.stringify(found).includes(canary));
    });
  }

  describe("other resources", () => {
    const places = async (type: string, props: Json, name = "shop/orders-db") => {
      const found = ofPolicy(policy, await pack.analyze({ type, name, props }));
      assert.ok(!JSON.stringify(found).includes(canary));
      return found.map(({ message }) => /has its value in (\S+)\. /.exec(message)?.[1]);
    };
    const parameter = (props: Json) => places("aws:ssm/parameter:Parameter", { name: "/shop/db", ...props });
    const release = (values: Json) => places("kubernetes:helm.sh/v3:Release", { chart: "db", values });

    it("that make a value have it as an output", async () => {
      assert.deepEqual(await places("random:index/randomPassword:RandomPassword", { length: 32 }), ["result"]);
      assert.deepEqual(await places("random:index/randomBytes:RandomBytes", { length: 32 }), ["base64", "hex"]);
      const text = (name: string) => places("random:index/randomString:RandomString", { length: 8 }, name);
      assert.deepEqual([await text("bucket-suffix"), await text("admin-password")], [[], ["result"]]);
    });

    it("of AWS take a value that is never read back", async () => {
      assert.deepEqual(await parameter({ type: "SecureString", value: canary }), ["value"]);
      assert.deepEqual(await parameter({ type: "SecureString", value: unknownText }), ["value"]);
      assert.deepEqual(await parameter({ type: "SecureString", valueWo: canary, valueWoVersion: 1 }), []);
      assert.deepEqual(await parameter({ type: "String", value: "eu-west-1" }), []);
      const instance = (props: Json) => places("aws:rds/instance:Instance", { username: "admin", ...props });
      assert.deepEqual(await instance({ password: canary }), ["password"]);
      assert.deepEqual(await instance({ passwordWo: canary, passwordWoVersion: 1 }), []);
      assert.deepEqual(await instance({ manageMasterUserPassword: true }), []);
      const cluster = (props: Json) => places("aws:rds/cluster:Cluster", { engine: "aurora-postgresql", ...props });
      assert.deepEqual(await cluster({ masterPassword: canary }), ["masterPassword"]);
      assert.deepEqual(await cluster({ masterPasswordWo: canary, masterPasswordWoVersion: 1 }), []);
    });

    it("of Helm have values under keys that name one, wherever they stand", async () => {
      const values = {
        auth: { password: canary, replicationPassword: unknownText, username: "admin" },
        oauth2: { clientSecret: canary, "api-key": canary, secret: canary },
        containers: [{ env: [{ name: "DB_PASSWORD", value: canary }] }],
      };
      const expected = [
        "values.auth.password",
        "values.auth.replicationPassword",
        "values.oauth2.clientSecret",
        "values.oauth2.api-key",
        "values.oauth2.secret",
        "values.containers[0].env[0].value",
      ];
      assert.deepEqual((await release(values)).toSorted(), expected.toSorted());
      assert.deepEqual(await places("kubernetes:helm.sh/v4:Chart", { values: { token: canary } }), ["values.token"]);
    });

    it("of Helm may name where a value is, or have none", async () => {
      const values = {
        auth: {
          existingSecret: "db",
          existingSecretPasswordKey: "password",
          secretName: "db",
          password: "",
          passwordSecretRef: { name: "db", key: "password" },
          usePassword: true,
          passwordFile: "/run/secrets/db",
          tokenExpiry: "1h",
        },
        tls: { tlsSecret: "tls", imagePullSecret: "registry" },
        env: [
          { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
          { name: "DB_PASSWORD", value: "$(FROM_SECRET)" },
          { name: "REGION", value: "eu-west-1" },
        ],
        adminPassword: "{{ .Values.global.password }}",
        apiKey: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/key-AbCdEf",
      };
      assert.deepEqual(await release(values), []);
    });
  });

  it("is advice in development", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    const [found] = ofPolicy(
      policy,
      await development.analyze({ type: "kubernetes:core/v1:Secret", name: "x", props: { data: { a: canary } } }),
    );
    assert.equal(found?.level, "advisory");
    assert.match(found?.message ?? "", /^No secret value .*\nKubernetes Secret default\/x has its value in data\./);
  });
});
