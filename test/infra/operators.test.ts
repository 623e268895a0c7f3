import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RotationAccess } from "../../infra/access/rotationAccess";
import { operators } from "../../infra/operators";
import { secretStores } from "../../infra/secretStores";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";

const secret = {
  ...{ name: "shop/key", kind: "app", kmsKeyId: "alias/shop" },
  externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: ["shop", "batch"] },
};
const irsa = { issuer: "https://oidc.example.com/id/1" };
const role = "arn:secret-rotation-prod-operator";
const annotated = { "eks.amazonaws.com/role-arn": role };

/** The inputs of all that the roles, the operators and the stores of a stack register, as `type name`. */
async function registered(values: Readonly<Record<string, unknown>>) {
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it
  const found = new Map<string, Record<string, any>>();
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        found.set(`${type.split(":").at(-1)} ${name}`, inputs);
        return { id: name, state: { ...inputs, arn: `arn:${name}` } };
      },
    },
    "secret-rotation",
    "prod",
  );
  const own = Object.entries({ secrets: [secret], ...values }).map(([key, value]) => [`secret-rotation:${key}`, value]);
  const config = readStackConfig("prod", { "aws:region": "eu-west-1", ...Object.fromEntries(own) });
  const account = { account: "123456789012", githubProvider: undefined };
  await pulumi.runtime.runInPulumiStack(async () => {
    const roles = config.access && new RotationAccess(config, config.access, account);
    const externalSecrets = operators(config, roles?.operatorRole);
    secretStores(config, { externalSecrets, serviceAccounts: roles?.serviceAccounts ?? new Map() });
  });
  await pulumi.runtime.disconnect();
  return found;
}

describe("the operators of a stack", () => {
  it("are releases whose definitions outlive them, and that restart nothing by themselves", async () => {
    const found = await registered({ operators: { externalSecrets: {}, reloader: {} } });
    const { chart, version, repositoryOpts, namespace, createNamespace, values } =
      found.get("Release external-secrets") ?? {};
    assert.deepEqual(
      [chart, version, repositoryOpts, namespace, createNamespace],
      ["external-secrets", "0.20.4", { repo: "https://charts.external-secrets.io" }, "external-secrets", true],
    );
    assert.deepEqual(values, { installCRDs: true, crds: { annotations: { "helm.sh/resource-policy": "keep" } } });
    assert.deepEqual(found.get("Release reloader")?.values, {
      reloader: { autoReloadAll: false, reloadOnCreate: false },
    });
  });

  it("take values of the configuration, key by key over the stack's own", async () => {
    const values = { replicaCount: 2, crds: { createPushSecret: false, annotations: { team: "platform" } } };
    const repository = "oci://registry.example/charts/";
    const found = (await registered({ operators: { externalSecrets: { values, repository } } })).get(
      "Release external-secrets",
    );
    assert.deepEqual(found?.values, {
      installCRDs: true,
      replicaCount: 2,
      crds: { createPushSecret: false, annotations: { "helm.sh/resource-policy": "keep", team: "platform" } },
    });
    assert.deepEqual(
      [found?.chart, found?.repositoryOpts],
      ["oci://registry.example/charts/external-secrets", undefined],
    );
  });

  it("are made neither by default, nor where others install them", async () => {
    for (const operators of [undefined, { externalSecrets: { install: false }, reloader: { install: false } }])
      assert.deepEqual(
        [...(await registered({ operators })).keys()].filter((one) => one.startsWith("Release")),
        [],
      );
  });

  it("read as the role that the stack makes, which trusts their own service account", async () => {
    const values = { serviceAccount: { name: "reader", extraLabels: { team: "platform" } } };
    for (const [externalSecrets, account] of [
      [{}, "external-secrets/external-secrets"],
      [{ namespace: "eso", values }, "eso/reader"],
    ] as const) {
      const found = await registered({ access: { operator: { irsa } }, operators: { externalSecrets } });
      const { serviceAccount } = found.get("Release external-secrets")?.values ?? {};
      assert.deepEqual([serviceAccount.name, serviceAccount.annotations], [account.split("/")[1], annotated]);
      const trust = String(found.get("Role secret-rotation-prod-operator")?.assumeRolePolicy);
      assert.ok(trust.includes(`"system:serviceaccount:${account.replace("/", ":")}"`), trust);
    }
  });

  it("read as the service account of each namespace, where the stack names one", async () => {
    const access = { operator: { irsa: { ...irsa, makeServiceAccounts: true } } };
    const found = await registered({ access, operators: { externalSecrets: {} }, serviceAccount: "reader" });
    assert.equal(found.get("Release external-secrets")?.values.serviceAccount, undefined);
    for (const namespace of ["shop", "batch"]) {
      const metadata = { name: "reader", namespace, annotations: annotated };
      assert.deepEqual(found.get(`ServiceAccount ${namespace}`)?.metadata, metadata);
      assert.deepEqual(found.get(`SecretStore ${namespace}/secret-rotation`)?.spec.provider.aws, {
        ...{ service: "SecretsManager", region: "eu-west-1" },
        auth: { jwt: { serviceAccountRef: { name: "reader" } } },
      });
    }
    const trust = String(found.get("Role secret-rotation-prod-operator")?.assumeRolePolicy);
    assert.match(trust, /"system:serviceaccount:shop:reader","system:serviceaccount:batch:reader"/);
  });

  it("may decrypt by the customer's key, through Secrets Manager alone", async () => {
    const found = await registered({ access: { operator: { irsa } }, operators: { externalSecrets: {} } });
    const { Statement } = JSON.parse(found.get("RolePolicy secret-rotation-prod-operator/reading")?.policy);
    const [, key] = Statement;
    assert.deepEqual(key.Action, ["kms:Decrypt"]);
    assert.deepEqual(key.Condition["ForAnyValue:StringEquals"], { "kms:ResourceAliases": ["alias/shop"] });
    assert.deepEqual(key.Condition.StringEquals, { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" });
  });

  it("read through one store, for the stack's namespaces alone, where it makes a ClusterSecretStore", async () => {
    const secretStore = { kind: "ClusterSecretStore", make: true };
    const found = await registered({ secretStore, serviceAccount: "reader" });
    assert.deepEqual(
      [...found.keys()].filter((name) => name.includes("SecretStore")),
      ["ClusterSecretStore secret-rotation"],
    );
    const { metadata, spec } = found.get("ClusterSecretStore secret-rotation") ?? {};
    assert.deepEqual(metadata, { name: "secret-rotation-prod" });
    assert.deepEqual(spec.conditions, [{ namespaces: ["shop", "batch"] }]);
    assert.deepEqual(spec.provider.aws.auth.jwt.serviceAccountRef, { name: "reader" });
  });
});
