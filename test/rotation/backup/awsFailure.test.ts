import assert from "node:assert/strict";
import { awsFailure } from "../../../rotation/backup/awsFailure";
import { BackupError } from "../../../rotation/errors";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";

const config = (backup: object) =>
  readStackConfig("prod", {
    "aws:region": "eu-west-1",
    "secret-rotation:backup": { bucket: "acme-backups", ...backup },
  });
const aws = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("says AWS"), { name, $metadata: { httpStatusCode } });

describe("what AWS says of a bucket or a key", () => {
  it("is told with what to do about it", () => {
    const theirs = { provision: false, kmsKeyId: "alias/theirs" };
    const where = "cannot be written (s3://acme-backups/secret-backups/prod)";
    const cases: [object, Error, string][] = [
      [{}, aws("NoSuchBucket", 404), "run pulumi up --stack prod first: it makes the bucket and the key"],
      [{}, aws("NotFoundException", 400), "run pulumi up --stack prod first: it makes the bucket and the key"],
      [
        theirs,
        aws("NoSuchBucket", 404),
        "make the bucket and the key that secret-rotation:backup names, or correct it",
      ],
      [
        {},
        aws("AccessDeniedException", 400),
        "the driver needs kms:DescribeKey, GenerateDataKey and Decrypt on the key",
      ],
    ];
    for (const [backup, error, hint] of cases) {
      const { message } = awsFailure("cannot be written", config(backup), error);
      assert.ok(message.startsWith(`${where}: ${error.name}: says AWS; nothing was changed. ${hint}`), message);
    }
    assert.match(awsFailure("cannot be written", config({}), aws("SlowDown", 503)).message, /nothing was changed$/);
  });

  it("is left as it is when it is said already", () => {
    const error = new BackupError("version v of shop/key has no text");
    assert.equal(awsFailure("cannot be written", config({}), error), error);
  });
});
