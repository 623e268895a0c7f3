import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { useSandbox } from "../integration/project";
import { declaredIssuers } from "../issuer/declared";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import { repository } from "../sandbox/paths";
import { judged, those } from "./judged";

const apiKey = join(repository, "rotation/rotators/apiKey/index.ts");
const admin = "acme/admin";

describe("API keys", function () {
  this.timeout(600_000);
  let issuer: Issuer;
  const token = () => randomBytes(24).toString("hex");

  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.stop());

  for (const shape of ["http", "openai", "sendgrid"] as const) {
    it(`of an issuer that speaks as ${shape} keep every clause`, async () => {
      const [account, own] = [`contract-${shape}`, token()];
      await issuer.open(account, own);
      const parameters = { issuer: declaredIssuers(issuer.url, account, admin)[shape], gracePeriod: "0s" };
      const one = await judged(apiKey, { parameters, secrets: { [admin]: own } });
      assert.equal(one.code, 0, `${one.stdout}\n${one.stderr}`);
      assert.deepEqual(those(one, "does not apply"), []);
      assert.deepEqual(await issuer.keys(account), []);
      assert.ok(!`${one.stdout}${one.stderr}`.includes(own));
    });
  }

  it("of AWS IAM keep every clause", async () => {
    await useSandbox();
    const iam = new IAM({ region: "us-east-1" });
    const UserName = "contract-user";
    await iam.createUser({ UserName });
    const one = await judged(apiKey, { parameters: { issuer: { iam: { user: UserName } }, gracePeriod: "0s" } });
    assert.equal(one.code, 0, `${one.stdout}\n${one.stderr}`);
    assert.deepEqual(those(one, "does not apply"), []);
    assert.deepEqual((await iam.listAccessKeys({ UserName })).AccessKeyMetadata, []);
  });
});
