import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Json, type Pack, type PolicyLevel, unknownText } from "./analyzer";
import { ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "rotation-access-least-privilege";
const says = reporter(
  policy,
  "A role may read and write no more secrets than it has to, and is taken by one subject only.",
);
const secretArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/shop/*";
const oidc = "token.actions.githubusercontent.com";

describe("policies/rotationAccessLeastPrivilege", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
    await pack.configure();
  });

  async function judged(type: string, props: Json) {
    return ofPolicy(policy, await pack.analyze({ type: `aws:iam/${type}`, name: "rotation", props }));
  }
  const document = (...statements: Json[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const granted = (statement: Json) =>
    judged("rolePolicy:RolePolicy", { policy: document({ Effect: "Allow", ...statement }) });
  const reported = (text: string, level: PolicyLevel = "mandatory") => [says(level, `RolePolicy rotation ${text}`)];

  it("passes named actions on named secrets, and what reads no value on all", async () => {
    assert.deepEqual(await granted({ Action: ["secretsmanager:GetSecretValue"], Resource: [secretArn] }), []);
    assert.deepEqual(await granted({ Action: "secretsmanager:ListSecrets", Resource: "*" }), []);
    assert.deepEqual(await granted({ Action: "secretsmanager:Get*", Resource: secretArn }), []);
    const denied = { Effect: "Deny", Action: "secretsmanager:*", Resource: "*" };
    assert.deepEqual(await judged("rolePolicy:RolePolicy", { policy: document(denied) }), []);
  });

  it("passes what the documentation gives to the driver", async () => {
    const policy = readFileSync(resolve(__dirname, "../../infra/permissions/aws.json"), "utf8");
    assert.deepEqual(await judged("rolePolicy:RolePolicy", { policy }), []);
  });

  for (const action of ["secretsmanager:*", "SecretsManager:*", "*", "secrets*"]) {
    it(`reports action ${action}, on whatever resource`, async () => {
      assert.deepEqual(
        await granted({ Action: action, Resource: secretArn }),
        reported(`allows ${action}: name the actions that are needed`),
      );
    });
  }

  for (const resource of [
    "*",
    "arn:aws:secretsmanager:*:*:secret:*",
    "arn:aws:secretsmanager:us-east-1:*:*",
    "arn:aws:secretsmanager:eu-north-1:123456789012:secret:*",
    "arn:*",
  ]) {
    it(`reports a value-reading action on ${resource}`, async () => {
      assert.deepEqual(
        await granted({ Action: ["secretsmanager:GetSecretValue", "kms:Decrypt"], Resource: resource }),
        reported("allows secretsmanager:GetSecretValue on every secret: name the secrets in Resource"),
      );
    });
  }

  it("reports value-writing actions behind a wildcard", async () => {
    assert.deepEqual(
      await granted({ Action: "secretsmanager:Update*", Resource: "*" }),
      reported(
        "allows secretsmanager:UpdateSecret, secretsmanager:UpdateSecretVersionStage on every secret: " +
          "name the secrets in Resource",
      ),
    );
  });

  it("reports NotAction and NotResource", async () => {
    assert.deepEqual(
      await granted({ NotAction: "iam:*", Resource: "*" }),
      reported("allows all actions but some (NotAction): name the actions that are needed"),
    );
    assert.deepEqual(
      await granted({ Action: "secretsmanager:PutSecretValue", NotResource: secretArn }),
      reported("allows secretsmanager:PutSecretValue on all resources but some: name the secrets"),
    );
  });

  it("looks into managed policies, inline policies and attachments", async () => {
    const broad = document({ Effect: "Allow", Action: "secretsmanager:*", Resource: "*" });
    const text = "allows secretsmanager:*: name the actions that are needed";
    assert.deepEqual(await judged("policy:Policy", { name: "all", policy: broad }), [
      says("mandatory", `Policy all ${text}`),
    ]);
    const role = {
      name: "ci",
      inlinePolicies: [{ policy: broad }],
      managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
    };
    const has = (name: string) =>
      `has the AWS policy ${name}, which gives every secret of the account: name the secrets in a policy of its own`;
    assert.deepEqual(await judged("role:Role", role), [
      says("mandatory", `Role ci ${text}`),
      says("mandatory", `Role ci ${has("AdministratorAccess")}`),
    ]);
    const attachment = { role: "ci", policyArn: "arn:aws:iam::aws:policy/SecretsManagerReadWrite" };
    assert.deepEqual(await judged("rolePolicyAttachment:RolePolicyAttachment", attachment), [
      says("mandatory", `RolePolicyAttachment rotation ${has("SecretsManagerReadWrite")}`),
    ]);
    const own = { role: "ci", policyArn: "arn:aws:iam::123456789012:policy/AdministratorAccess" };
    assert.deepEqual(await judged("rolePolicyAttachment:RolePolicyAttachment", own), []);
  });

  it("looks into the policies of users and groups, and what is attached to them", async () => {
    const broad = document({ Effect: "Allow", Action: "*", Resource: "*" });
    for (const type of ["UserPolicy", "GroupPolicy"]) {
      assert.deepEqual(await judged(`${type[0]?.toLowerCase()}${type.slice(1)}:${type}`, { policy: broad }), [
        says("mandatory", `${type} rotation allows *: name the actions that are needed`),
      ]);
    }
    for (const type of ["UserPolicyAttachment", "GroupPolicyAttachment", "PolicyAttachment"]) {
      const props = { policyArn: "arn:aws:iam::aws:policy/PowerUserAccess" };
      const found = await judged(`${type[0]?.toLowerCase()}${type.slice(1)}:${type}`, props);
      assert.match(found[0]?.message ?? "", /has the AWS policy PowerUserAccess/);
    }
  });

  describe("a secret's own policy", () => {
    const own = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/shop/orders-db-AbCdEf";
    const resource = { type: "aws:secretsmanager/secretPolicy:SecretPolicy", name: "orders-db" };
    const open = async (statement: Json, secretArn = own) => {
      const text = document({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*", ...statement });
      const found = await pack.analyze({ ...resource, props: { secretArn, policy: text } });
      return ofPolicy(policy, found).map(({ message }) => message.split("SecretPolicy orders-db ")[1]?.split(":")[0]);
    };
    const anybody = ["allows anybody (Principal *)"];
    const stranger = "arn:aws:iam::210987654321:role/reader";

    it("lets in roles of its account, and whom a condition pins", async () => {
      assert.deepEqual(await open({ Principal: { AWS: "arn:aws:iam::123456789012:role/reader" } }), []);
      assert.deepEqual(await open({ Principal: { AWS: "123456789012" } }), []);
      assert.deepEqual(await open({ Principal: { Service: "lambda.amazonaws.com" } }), []);
      const Condition = { StringEquals: { "aws:PrincipalOrgID": "o-abc" } };
      assert.deepEqual(await open({ Principal: "*", Condition }), []);
      assert.deepEqual(await open({ Principal: { AWS: [stranger] }, Condition }), []);
      assert.deepEqual(await open({ Effect: "Deny", Principal: "*" }), []);
      assert.deepEqual(await open({ Principal: "*", Action: "secretsmanager:DescribeSecret" }), []);
    });

    it("is open to anybody without such a condition", async () => {
      assert.deepEqual(await open({ Principal: "*" }), anybody);
      assert.deepEqual(await open({ Principal: { AWS: ["*"] }, Action: "secretsmanager:*" }), anybody);
      for (const Condition of [
        { Bool: { "aws:SecureTransport": "true" } },
        { StringNotEquals: { "aws:PrincipalOrgID": "o-abc" } },
        { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-abc" } },
        { StringLike: { "aws:PrincipalArn": "*" } },
      ]) {
        assert.deepEqual(await open({ Principal: "*", Condition }), anybody, JSON.stringify(Condition));
      }
      assert.deepEqual(await open({ NotPrincipal: { AWS: stranger } }), [
        "allows all principals but some (NotPrincipal)",
      ]);
    });

    it("is open to another account, where its own is known", async () => {
      const another = ["allows another account, 210987654321, without a condition"];
      assert.deepEqual(await open({ Principal: { AWS: [stranger, "210987654321"] } }), another);
      assert.deepEqual(await open({ Principal: { AWS: stranger } }, unknownText), []);
    });

    it("may stand in the Secret itself", async () => {
      const text = document({
        Effect: "Allow",
        Principal: "*",
        Action: "secretsmanager:GetSecretValue",
        Resource: "*",
      });
      const props = { name: "other/thing", policy: text };
      const found = await pack.analyze({ type: "aws:secretsmanager/secret:Secret", name: "thing", props });
      assert.match(ofPolicy(policy, found)[0]?.message ?? "", /Secret other\/thing allows anybody/);
    });
  });

  it("says that a document is only known during the update", async () => {
    assert.deepEqual(
      await judged("rolePolicy:RolePolicy", { policy: unknownText }),
      reported("has a policy document that is only known during the update: it is judged then", "advisory"),
    );
  });

  it("reports what is no JSON, without repeating it", async () => {
    assert.deepEqual(
      await judged("rolePolicy:RolePolicy", { policy: "Allow hunter2" }),
      reported("has a policy document that is no JSON: write it with JSON.stringify"),
    );
  });

  describe("the trust in an OIDC provider", () => {
    const Federated = `arn:aws:iam::123456789012:oidc-provider/${oidc}`;
    const Action = "sts:AssumeRoleWithWebIdentity";
    const audience = { [`${oidc}:aud`]: "sts.amazonaws.com" };
    const subject = { [`${oidc}:sub`]: "repo:shop/secrets:environment:prod" };
    const trusted = (Condition?: Json) =>
      judged("role:Role", {
        assumeRolePolicy: document({
          Effect: "Allow",
          Principal: { Federated },
          Action,
          ...(Condition && { Condition }),
        }),
      });
    const open = (claim: string, word: string) =>
      says(
        "mandatory",
        `Role rotation trusts the OIDC provider ${oidc} without pinning the ${word}: add StringEquals ${oidc}:${claim}`,
      );

    it("pins audience and subject", async () => {
      assert.deepEqual(await trusted({ StringEquals: { ...audience, ...subject } }), []);
      assert.deepEqual(await trusted({ StringEquals: audience, StringLike: subject }), []);
    });

    it("is open without a condition", async () => {
      assert.deepEqual(await trusted(), [open("aud", "audience"), open("sub", "subject")]);
    });

    it("is open where one of them is missing, a wildcard, or only compared if it is there", async () => {
      assert.deepEqual(await trusted({ StringEquals: audience }), [open("sub", "subject")]);
      assert.deepEqual(await trusted({ StringEquals: subject }), [open("aud", "audience")]);
      const wildcard = { [`${oidc}:sub`]: "repo:shop/*" };
      assert.deepEqual(await trusted({ StringEquals: audience, StringLike: wildcard }), [open("sub", "subject")]);
      assert.deepEqual(await trusted({ StringEquals: audience, StringEqualsIfExists: subject }), [
        open("sub", "subject"),
      ]);
      const forAll = { "ForAllValues:StringEquals": subject };
      assert.deepEqual(await trusted({ StringEquals: audience, ...forAll }), [open("sub", "subject")]);
    });

    it("does not look at other principals", async () => {
      const service = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
      assert.deepEqual(await judged("role:Role", { assumeRolePolicy: document(service) }), []);
    });
  });

  it("is advice in development", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    const props = { policy: document({ Effect: "Allow", Action: "*", Resource: "*" }) };
    const found = await development.analyze({ type: "aws:iam/rolePolicy:RolePolicy", name: "rotation", props });
    assert.deepEqual(
      ofPolicy(policy, found).map(({ level }) => level),
      ["advisory"],
    );
  });
});
