import assert from "node:assert/strict";
import { Asked } from "../../../rotation/plan/asked";
import { kmsCheck } from "../../../rotation/plan/kmsCheck";
import type { KmsKey } from "../../../rotation/ports/kmsKeys";
import { context, ports } from "../context";

const arn = "arn:aws:kms:eu-west-1:123456789012:key/1";

async function check(key: Partial<KmsKey> | Error, live: string | undefined, declared?: string) {
  const asked: string[] = [];
  const kmsKeys = {
    describe: async (id: string) => {
      asked.push(id);
      if (key instanceof Error) throw key;
      return { state: "Enabled", deletionAt: undefined, spec: "SYMMETRIC_DEFAULT", ...key };
    },
  };
  const { secret } = context(declared === undefined ? {} : { kmsKeyId: declared });
  const outcomes = await kmsCheck(secret, { kmsKeyId: live }, ports({ kmsKeys }), new Asked());
  return { asked, outcomes };
}

const error = (name: string) => Object.assign(new Error("no"), { name });

describe("the check of a secret's KMS key", () => {
  it("asks nothing of AWS's own key", async () => {
    for (const live of [undefined, "alias/aws/secretsmanager"]) {
      assert.deepEqual(await check({}, live), { asked: [], outcomes: [] });
    }
  });

  it("asks for the key that the secret has, and for the one that it is to get", async () => {
    const { asked, outcomes } = await check({}, arn, "alias/new");
    assert.deepEqual(asked, [arn, "alias/new"]);
    assert.deepEqual(
      outcomes,
      [`the KMS key ${arn} is enabled`, "the KMS key alias/new is enabled"].map((fact) => ({ fact })),
    );
  });

  it("refuses one that cannot be used, with what to do", async () => {
    const cases: [Partial<KmsKey> | Error, RegExp, RegExp][] = [
      [{ state: "Disabled" }, /is disabled/, /aws kms enable-key/],
      [{ state: "PendingDeletion", deletionAt: new Date(0) }, /scheduled for deletion \(1970/, /cancel-key-deletion/],
      [{ state: "PendingImport" }, /is PendingImport/, /describe-key/],
      [{ spec: "RSA_2048" }, /is RSA_2048/, /symmetric/],
      [error("NotFoundException"), /does not exist/, /correct the secret's kmsKeyId/],
    ];
    for (const [key, says, hint] of cases) {
      const [outcome] = (await check(key, arn)).outcomes;
      assert.ok(outcome && "refuse" in outcome);
      assert.match(outcome.refuse, says);
      assert.match(outcome.hint, hint);
    }
  });

  it("claims nothing where it may not ask", async () => {
    const { outcomes } = await check(error("AccessDeniedException"), arn);
    assert.deepEqual(outcomes, [{ unknown: `whether the KMS key ${arn} is enabled: AccessDeniedException: no` }]);
  });
});
