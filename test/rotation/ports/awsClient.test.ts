import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsClient } from "../../../rotation/ports/awsClient";

describe("the account of the driver", () => {
  let folder: string;
  let inherited: NodeJS.ProcessEnv;
  before(() => {
    inherited = { ...process.env };
    folder = mkdtempSync(join(tmpdir(), "aws-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
    process.env = inherited;
  });

  it("is the one of the profile that the stack names, whatever the environment says", async () => {
    const file = join(folder, "credentials");
    writeFileSync(file, "[prod]\naws_access_key_id = PROD\naws_secret_access_key = x\n");
    Object.assign(process.env, {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_ACCESS_KEY_ID: "ENV",
      AWS_SECRET_ACCESS_KEY: "y",
    });
    const keyOf = async (profile: string | undefined) => {
      const client = new SecretsManagerClient(awsClient({ region: "eu-west-1", profile }, "secretsmanager"));
      return (await client.config.credentials()).accessKeyId;
    };
    assert.equal(await keyOf(undefined), "ENV");
    assert.equal(await keyOf("prod"), "PROD");
  });
});
