import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { load } from "js-yaml";
import { kubernetesRoles, kubernetesRules } from "../../../infra/access/kubernetesRoles";
import { RotationAccess } from "../../../infra/access/rotationAccess";
import { consumerKinds } from "../../../rotation/consumers";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "../config/problems";

const text = (file: string) => readFileSync(resolve(__dirname, "../../..", file), "utf8");
const secret = {
  ...{ name: "shop/key", kind: "app", rolloutTimeout: "1h" },
  externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: ["batch"] },
  consumers: [
    { namespace: "shop", name: "web", takes: "env" },
    { namespace: "shop", kind: "StatefulSet", name: "queue", takes: "volume" },
  ],
};
const github = { repository: "acme/secrets" };
const configOf = (access: object, more: object = {}) =>
  readStackConfig("prod", {
    "aws:region": "eu-west-1",
    "secret-rotation:secrets": [secret],
    "secret-rotation:backup": { bucket: "acme-backups" },
    "secret-rotation:access": access,
    ...more,
  });

/** What the component registers: `type name` with its inputs. */
async function registered(access: object, more: object = {}, githubProvider?: string) {
  const found = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        if (!/^(secret-rotation|pulumi):/.test(type)) found.set(`${type.split(":").at(-1)} ${name}`, inputs);
        return { id: name, state: { ...inputs, arn: `arn:${name}` } };
      },
    },
    "secret-rotation",
    "prod",
  );
  const config = configOf(access, more);
  await pulumi.runtime.runInPulumiStack(async () => {
    if (config.access) new RotationAccess(config, config.access, { account: "123456789012", githubProvider });
  });
  await pulumi.runtime.disconnect();
  return found;
}
type Trust = { Statement: [{ Principal: object; Action: unknown; Condition: { StringEquals: object } }] };
const trustOf = (role: Record<string, unknown> | undefined) =>
  (JSON.parse(String(role?.assumeRolePolicy)) as Trust).Statement[0];

describe("the access that a stack provides", () => {
  const issuer = "token.actions.githubusercontent.com";
  const trusted = (environment: string) => ({
    StringEquals: {
      [`${issuer}:aud`]: "sts.amazonaws.com",
      [`${issuer}:sub`]: `repo:acme/secrets:environment:${environment}`,
    },
  });

  it("is a role for rotations and one for restores, each for jobs of its GitHub environment", async () => {
    const found = await registered({ github });
    assert.deepEqual([...found.keys()].sort(), [
      "OpenIdConnectProvider github",
      "Role secret-rotation-prod",
      "Role secret-rotation-prod-restore",
      "RolePolicy secret-rotation-prod-restore/restore",
      "RolePolicy secret-rotation-prod-restore/rotation",
      "RolePolicy secret-rotation-prod/rotation",
    ]);
    const { url, clientIdLists } = found.get("OpenIdConnectProvider github") ?? {};
    assert.deepEqual([url, clientIdLists], [`https://${issuer}`, ["sts.amazonaws.com"]]);
    const [rotation, restore] = ["secret-rotation-prod", "secret-rotation-prod-restore"].map((name) =>
      found.get(`Role ${name}`),
    );
    assert.deepEqual(trustOf(rotation).Condition, trusted("prod"));
    assert.deepEqual(trustOf(restore).Condition, trusted("prod-restore"));
    assert.deepEqual(trustOf(rotation).Principal, { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` });
    // The waits of the rollout and the sync, what a run does besides, and what a job does before.
    assert.equal(rotation?.maxSessionDuration, 3600 + 120 + 120 + 900);
  });

  it("uses GitHub's provider of another stack, and names that are said", async () => {
    const named = { name: "acme", github: { ...github, environment: "live", restoreEnvironment: "vault" } };
    const found = await registered(named, { "secret-rotation:backup": undefined }, "arn:theirs");
    assert.deepEqual([...found.keys()].sort(), ["Role acme", "RolePolicy acme/rotation"]);
    assert.deepEqual(trustOf(found.get("Role acme")).Principal, { Federated: "arn:theirs" });
    assert.deepEqual(trustOf(found.get("Role acme")).Condition, trusted("live"));
  });

  it("is a session of an hour at least", async () => {
    const secrets = [{ ...secret, rolloutTimeout: "1m" }];
    const found = await registered({ github }, { "secret-rotation:secrets": secrets });
    assert.equal(found.get("Role secret-rotation-prod")?.maxSessionDuration, 3600);
  });

  it("lets External Secrets read by the service accounts that it has, or by EKS Pod Identity", async () => {
    const eks = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B";
    const irsa = { irsa: { issuer: `https://${eks}` } };
    const byIssuer = await registered({ operator: irsa }, { "secret-rotation:serviceAccount": "reader" });
    assert.deepEqual(
      [...byIssuer.keys()],
      ["Role secret-rotation-prod-operator", "RolePolicy secret-rotation-prod-operator/reading"],
    );
    assert.deepEqual(trustOf(byIssuer.get("Role secret-rotation-prod-operator")).Condition.StringEquals, {
      [`${eks}:aud`]: "sts.amazonaws.com",
      [`${eks}:sub`]: ["system:serviceaccount:shop:reader", "system:serviceaccount:batch:reader"],
    });
    const podIdentity = { cluster: "acme-prod", namespace: "external-secrets", serviceAccount: "external-secrets" };
    const byPod = await registered({ operator: { podIdentity } });
    const { Principal, Action, Condition } = trustOf(byPod.get("Role secret-rotation-prod-operator"));
    assert.deepEqual(
      [Principal, Action],
      [{ Service: "pods.eks.amazonaws.com" }, ["sts:AssumeRole", "sts:TagSession"]],
    );
    assert.deepEqual(Condition.StringEquals, {
      "aws:RequestTag/eks-cluster-name": "acme-prod",
      "aws:RequestTag/kubernetes-namespace": "external-secrets",
      "aws:RequestTag/kubernetes-service-account": "external-secrets",
    });
    const { clusterName, namespace, serviceAccount, roleArn } = byPod.get("PodIdentityAssociation operator") ?? {};
    assert.deepEqual(
      [clusterName, namespace, serviceAccount, roleArn],
      ["acme-prod", "external-secrets", "external-secrets", "arn:secret-rotation-prod-operator"],
    );
  });

  it("is a Role in each namespace, for the objects that the stack names there, and its binding", async () => {
    const subjects = [
      { kind: "User", name: "ci" },
      { kind: "ServiceAccount", name: "ci", namespace: "tools" },
    ];
    const found = await registered({ kubernetes: { subjects } });
    assert.deepEqual([...found.keys()].sort(), ["Role batch", "Role shop", "RoleBinding batch", "RoleBinding shop"]);
    const [batch, shop] = kubernetesRoles(configOf({ kubernetes: { subjects } }));
    const named = (rules: typeof batch) =>
      rules?.role.rules.flatMap(({ resources, resourceNames }) =>
        resourceNames ? [[resources[0], resourceNames]] : [],
      );
    assert.deepEqual(named(batch), [["secrets", ["key"]]]);
    assert.deepEqual(named(shop), [
      ["secrets", ["key"]],
      ["deployments", ["web"]],
      ["statefulsets", ["queue"]],
    ]);
    assert.deepEqual(shop?.binding?.subjects, [{ apiGroup: "rbac.authorization.k8s.io", ...subjects[0] }, subjects[1]]);
    assert.equal(shop?.role.metadata.name, "secret-rotation-prod");
  });

  it("is what infra/permissions has of Kubernetes, for whatever objects there are", () => {
    const { rules } = load(text("infra/permissions/kubernetes.yaml")) as { rules: unknown };
    assert.deepEqual(rules, kubernetesRules({ secrets: undefined, consumers: undefined }, consumerKinds));
  });

  it("refuses what cannot be, with its path", () => {
    const problems = (access: object, more: object = {}) => problemsOf(() => configOf(access, more));
    assert.deepEqual(problems({}), ["access: name who gets access: github, operator or kubernetes"]);
    assert.deepEqual(
      problems({
        ...{ name: "a b", github: { repository: "secrets", environment: "a:b" } },
        operator: { irsa: { issuer: "http://x", serviceAccounts: ["a"] } },
        kubernetes: { subjects: [{ kind: "User", name: "ci", namespace: "tools" }] },
        state: { backend: "file:///srv", secretsProvider: "passphrase" },
      }),
      [
        "access.name: must be a role's name: at most 50 letters, digits and _+=,.@-",
        "access.github.repository: must be owner/name",
        "access.github.environment: must be the name of a GitHub environment: letters, digits, _, - and .",
        "access.operator.irsa.issuer: must be the URL of the cluster's OIDC issuer, e.g. https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B",
        "access.operator.irsa.serviceAccounts[0]: must be namespace/name",
        "access.kubernetes.subjects[0]: a ServiceAccount, and no other, has a namespace",
        "access.state.backend: must be the URL of a bucket, e.g. s3://acme-pulumi-state",
        "access.state.secretsProvider: must be the URL of a key, e.g. awskms://alias/pulumi-prod?region=eu-west-1",
      ],
    );
    assert.deepEqual(problems({ operator: {} }), ["access.operator: name irsa or podIdentity"]);
    const irsa = { issuer: "https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B" };
    assert.deepEqual(problems({ operator: { irsa } }), [
      "access.operator.irsa.serviceAccounts: is needed where the stack neither names a serviceAccount nor installs External Secrets: that of External Secrets, as namespace/name",
    ]);
    assert.deepEqual(problems({ operator: { irsa } }, { "secret-rotation:operators": { externalSecrets: {} } }), []);
    const made = { operator: { irsa: { ...irsa, serviceAccounts: ["eso/reader"], makeServiceAccounts: true } } };
    for (const more of [{}, { "secret-rotation:serviceAccount": "reader" }])
      assert.deepEqual(problems(made, more), [
        "access.operator.irsa.makeServiceAccounts: makes the stack's serviceAccount, which the role trusts: name serviceAccount, and no serviceAccounts",
      ]);
    const subjects = [{ kind: "User", name: "ci" }];
    const nowhere = { "secret-rotation:secrets": [{ name: "a", kind: "ssh-key" }] };
    assert.deepEqual(problems({ operator: { irsa }, kubernetes: { subjects } }, nowhere), [
      "access.operator: no secret comes into Kubernetes: there is nothing to read",
      "access.kubernetes: no secret is used in Kubernetes: nobody needs a role there",
    ]);
  });
});
