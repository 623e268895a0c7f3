import assert from "node:assert/strict";
import { IAM } from "@aws-sdk/client-iam";
import { describe, it } from "mocha";
import { provideAccess } from "../../infra/access/provideAccess";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { createTestStack, type Outcome, type TestStack } from "../sandbox/standins/testing/testStack";

const host = "token.actions.githubusercontent.com";
const key = { OpenIDConnectProviderArn: `arn:aws:iam::123456789012:oidc-provider/${host}` };

describe("GitHub's identity provider, of which an account has one", function () {
  this.timeout(240_000);
  let first: TestStack;
  let second: TestStack;
  let iam: IAM;
  const up = (stack: TestStack) =>
    stack.up(async () => {
      const config = readStackConfig(stack.unique, {
        "aws:region": "eu-west-1",
        "secret-rotation:access": { name: stack.unique, github: { repository: "acme/secrets" } },
      });
      if (config.access) await provideAccess(config, config.access);
    });

  /** The component has its role's name. */
  const made = ({ steps }: Outcome) => [...new Set(steps)].sort();

  before(async () => {
    [first, second] = [await createTestStack("access-a"), await createTestStack("access-b")];
    const { AWS_ENDPOINT_URL: endpoint = "" } = first.sandbox.env;
    iam = new IAM({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  });
  after(() => iam.deleteOpenIDConnectProvider(key).catch(() => undefined));

  it("is made by one stack, found by a second one, and stays with both when the first goes", async () => {
    assert.deepEqual(made(await up(first)), [
      `create ${first.unique}`,
      `create ${first.unique}/rotation`,
      "create github",
    ]);
    assert.deepEqual(made(await up(second)), [`create ${second.unique}`, `create ${second.unique}/rotation`]);
    for (const stack of [first, second]) assert.deepEqual((await up(stack)).steps, []);
    await first.destroy();
    assert.deepEqual((await iam.getOpenIDConnectProvider(key)).ClientIDList, ["sts.amazonaws.com"]);
    assert.deepEqual((await up(second)).steps, []);
    await second.destroy();
  });

  it("is refused where it takes other audiences", async () => {
    await iam.deleteOpenIDConnectProvider(key);
    await iam.createOpenIDConnectProvider({ Url: `https://${host}`, ClientIDList: ["acme"] });
    await assert.rejects(
      up(second),
      /takes no tokens for sts\.amazonaws\.com: aws iam add-client-id-to-open-id-connect/,
    );
  });
});
