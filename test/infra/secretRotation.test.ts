import assert from "node:assert/strict";
import { ConfigurationError } from "../../infra/config/stackConfig";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { oneOf, provision, registeredFor } from "./registered";

const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:rotate-partner";
const roleArn = "arn:aws:iam::123456789012:role/rotate-crm";
const declared = (native?: object, more: object = {}) => ({
  name: "shop/partner",
  kind: "api-key",
  strategy: "native",
  ...(native && { native }),
  ...more,
});
const all = new Set(["shop/partner"]);
const problems = (secret: object): string[] => {
  try {
    readStackConfig("prod", { "aws:region": "eu-west-1", "secret-rotation:secrets": [secret] });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
};

describe("AWS's own rotation", () => {
  it("is set by a function after days, and does not rotate at once", async () => {
    const found = await registeredFor(
      { secrets: [declared({ lambda, automaticallyAfter: "30d" })] },
      { rotations: all },
    );
    assert.deepEqual(oneOf(found, "SecretRotation"), {
      secretId: "shop/partner-id",
      rotateImmediately: false,
      rotationLambdaArn: lambda,
      rotationRules: { automaticallyAfterDays: 30 },
    });
    assert.equal(oneOf(found, "Secret").tags.strategy, "native");
    assert.ok(!found.some(({ type }) => type.endsWith(":SecretVersion")), "it writes no value");
  });

  it("is set by an expression with a window, of a managed external secret without a function", async () => {
    const external = { type: "SalesforceClientSecret", roleArn, metadata: { apiVersion: "v65.0" } };
    const native = { external, schedule: "cron(0 2 1 * ? *)", window: "3h", rotateImmediately: true };
    const found = await registeredFor({ secrets: [declared(native)] }, { rotations: all });
    assert.deepEqual(oneOf(found, "SecretRotation"), {
      secretId: "shop/partner-id",
      rotateImmediately: true,
      externalSecretRotationRoleArn: roleArn,
      externalSecretRotationMetadatas: [{ key: "apiVersion", value: "v65.0" }],
      rotationRules: { scheduleExpression: "cron(0 2 1 * ? *)", duration: "3h" },
    });
    assert.equal(oneOf(found, "Secret").type, "SalesforceClientSecret");
  });

  it("waits for a value, and is nobody's business where the secret declares none", async () => {
    const native = { lambda, automaticallyAfter: "30d" };
    for (const [secret, rotations] of [
      [declared(native), new Set<string>()],
      [declared(), all],
    ] as const) {
      const found = await registeredFor({ secrets: [secret] }, { rotations });
      assert.ok(!found.some(({ type }) => type.endsWith(":SecretRotation")));
    }
  });

  it("is refused with every mistake of its declaration", () => {
    const at = "secrets[0].native";
    assert.deepEqual(problems(declared({ lambda, automaticallyAfter: "30d" })), []);
    assert.deepEqual(problems(declared({ lambda: "rotate-partner", automaticallyAfter: "36h" })), [
      `${at}.lambda: must be the ARN of a Lambda function`,
      `${at}.automaticallyAfter: must be whole days, e.g. 30d`,
    ]);
    assert.deepEqual(problems(declared({ lambda, schedule: "cron(0 2 * *)", window: "90m" })), [
      `${at}.schedule: must be rate(N days), rate(N hours) or cron(…) with six fields, e.g. cron(0 2 1 * ? *)`,
      `${at}.window: must be whole hours, e.g. 3h`,
    ]);
    assert.deepEqual(problems(declared({ lambda })), [`${at}: say when: automaticallyAfter, or schedule`]);
    assert.deepEqual(problems(declared({ automaticallyAfter: "30d" })), [
      `${at}: name lambda, or external for a managed external secret`,
    ]);
    assert.deepEqual(problems(declared({ lambda, automaticallyAfter: "91d" })), [
      `${at}.automaticallyAfter: AWS would rotate it after 91 days, and its limit is 90`,
    ]);
    assert.deepEqual(problems(declared({ lambda, automaticallyAfter: "30d" }, { strategy: "manual" })), [
      `${at}: belongs to strategy native; this secret has strategy manual`,
    ]);
  });
});

describe("a rotation that somebody else has set in AWS", () => {
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/shop/partner-AbCdEf";
  /** A plain `pulumi up` of a stack that has the Secret, with its value. */
  const up = (rotationLambdaArn: string) => {
    const urn =
      "urn:pulumi:prod::secret-rotation::secret-rotation:infra:ManagedSecret$aws:secretsmanager/secret:Secret::shop/partner";
    const answers: Record<string, object> = {
      "pulumi:pulumi:readStackResourceOutputs": { outputs: { [urn]: { outputs: { arn } } } },
      "aws:secretsmanager/getSecretVersions:getSecretVersions": { versions: [{ versionId: "v1" }] },
      "aws:secretsmanager/getSecretRotation:getSecretRotation": { rotationEnabled: true, rotationLambdaArn },
    };
    const registered: string[] = [];
    const mocks = {
      call: ({ token }: { token: string }) => answers[token] ?? {},
      newResource: ({ type, name, inputs }: { type: string; name: string; inputs: object }) => {
        registered.push(type);
        return { id: `${name}-id`, state: { ...inputs, arn } };
      },
    };
    const secrets = [declared({ lambda, automaticallyAfter: "30d" })];
    return provision({ secrets }, mocks, "asked").then(() => registered);
  };

  it("is not written over, and says what to do", async () => {
    await assert.rejects(up(`${lambda}-of-others`), (error: Error) => {
      assert.match(error.message, /prod\/shop\/partner: is rotated by the function .*rotate-partner-of-others/);
      assert.match(error.message, /aws secretsmanager cancel-rotate-secret --secret-id prod\/shop\/partner/);
      return true;
    });
  });

  it("is taken over where it has the same function", async () => {
    assert.ok((await up(lambda)).includes("aws:secretsmanager/secretRotation:SecretRotation"));
  });
});
