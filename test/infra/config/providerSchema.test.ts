import assert from "node:assert/strict";
import { providerSettings } from "../../../infra/config/providerSchema";

const region = { "aws:region": "eu-west-1" };
const problemsOf = (values: object) =>
  providerSettings({ ...region, ...values }).problems.map(({ path, message }) => `${path}: ${message}`);

describe("what the providers read from the stack's configuration", () => {
  it("is taken for the driver too", () => {
    const { settings, problems } = providerSettings({
      ...region,
      "aws:endpoints": [{ s3: "https://s3.example" }, { secretsmanager: "https://vpce.example" }],
      "aws:profile": "prod",
      "aws:allowedAccountIds": ["012345678901", 123456789012],
      "kubernetes:kubeconfig": "~/.kube/prod",
      "kubernetes:context": "prod",
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, {
      region: "eu-west-1",
      endpoints: { s3: "https://s3.example", secretsmanager: "https://vpce.example" },
      profile: "prod",
      allowedAccountIds: ["012345678901", "123456789012"],
      forbiddenAccountIds: undefined,
      kubeconfig: "~/.kube/prod",
      context: "prod",
    });
  });

  it("takes a kubeconfig's content, as text or parsed", () => {
    for (const content of ["apiVersion: v1\nclusters: []\n", '{"clusters":[]}', { clusters: [] }]) {
      assert.deepEqual(problemsOf({ "kubernetes:kubeconfig": content }), []);
    }
  });

  it("refuses what is wrong", () => {
    assert.match(
      problemsOf({ "aws:endpoints": [{ s3: "s3.example" }] })[0] ?? "",
      /^aws:endpoints\[0\]\.s3: must be a URL/,
    );
    assert.match(
      problemsOf({ "aws:allowedAccountIds": ["prod"] })[0] ?? "",
      /^aws:allowedAccountIds\[0\]: must be the 12/,
    );
    assert.match(problemsOf({ "kubernetes:kubeconfig": "kube/prod" })[0] ?? "", /must be an absolute path/);
    assert.match(problemsOf({ "kubernetes:kubeconfig": { secure: "v1:abc" } })[0] ?? "", /must be a path in the clear/);
  });

  it("refuses what would lead the providers elsewhere than the driver, and says what to do", () => {
    const found = problemsOf({
      "aws:assumeRoles": [{ roleArn: "arn:aws:iam::123456789012:role/rotator" }],
      "aws:accessKey": { secure: "v1:abc" },
      "kubernetes:cluster": "prod",
    });
    assert.deepEqual(
      found.map((problem) => problem.split(": ")),
      [
        [
          "aws:accessKey",
          "is not known to the driver",
          "put it into the environment, or into a profile that aws:profile names",
        ],
        [
          "aws:assumeRoles",
          "is not known to the driver",
          "name a profile with role_arn by aws:profile, or let CI take the role by OIDC",
        ],
        ["kubernetes:cluster", "is not known to the driver", "name a context of this cluster by kubernetes:context"],
      ],
    );
  });
});
