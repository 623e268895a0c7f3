import assert from "node:assert/strict";
import { RotationError, StackLockedError } from "../../../rotation/errors";
import { snsMessage } from "../../../rotation/notify/snsMessage";
import { PolicyError } from "../../../rotation/policyError";
import type { SnsMessage } from "../../../rotation/ports/sns";
import { resultJson } from "../../../rotation/schemas/resultJson";
import { runResult, secretResult } from "../audit/samples";
import { failed, nasty, notice } from "./samples";

const limit = 256 * 1024;
/** As SNS counts: body, and of each attribute its name, type and value. */
function sizeOf({ subject, text, attributes }: SnsMessage): number {
  const ofAttributes = Object.entries(attributes).map(([name, value]) => `${name}String${value}`);
  return Buffer.byteLength([subject, text, ...ofAttributes].join(""));
}
const jsonOf = ({ attributes }: SnsMessage) => JSON.parse(attributes.json ?? "");

describe("the SNS message of a run", () => {
  it("says environment and result in its subject", () => {
    const subject = (...args: Parameters<typeof notice>) => snsMessage(notice(...args)).subject;
    assert.equal(subject(), "secret-rotation prod: rotation ok (1 secret)");
    assert.equal(
      subject({ secrets: [secretResult(), failed] }),
      "secret-rotation prod: rotation failed (1 of 2 secrets)",
    );
    assert.equal(
      subject({}, { command: "rotate", emergency: true }),
      "secret-rotation prod: emergency rotation ok (1 secret)",
    );
    assert.equal(
      subject({}, { command: "restore" }, new StackLockedError("held")),
      "secret-rotation prod: restore not begun, another update holds the stack",
    );
    const violation = { policy: "secret-max-age", level: "mandatory", secret: "shop/key", message: "too old" } as const;
    assert.equal(
      subject({}, {}, new PolicyError([violation])),
      "secret-rotation prod: rotation stopped by a policy, nothing was changed",
    );
  });

  it("has a subject that SNS takes, whatever the environment is called", () => {
    const { subject } = snsMessage(notice({}, { environment: "prød".repeat(40) }));
    assert.match(subject, /^[ -~]{1,99}$/);
  });

  it("tells people each failure with its cure, warnings, and what was proven", () => {
    const refused = { at: "2026-01-01T00:00:00Z", versionId: "v1", what: "db:5432 refuses the password before" };
    const done = secretResult({ refused, warnings: ["the probe is slow"] });
    const { text } = snsMessage(
      notice({ secrets: [done, failed], backup: "secret-backups/prod/x" }, { reason: "leaked" }),
    );
    for (const line of [
      /^secret-rotation prod: rotation failed \(1 of 2 secrets\)$/m,
      /^by root@build-7 \(manual\)$/m,
      /^reason: leaked$/m,
      /^backup of the values before: secret-backups\/prod\/x$/m,
      /^failed: shop\/other: sync: waited: .*$/m,
      / {2}cure: look at the ExternalSecret/,
      /^rotated: shop\/key, version 00000000-new$/m,
      /^ {2}proven: db:5432 refuses the password before$/m,
      /^warning: shop\/key: the probe is slow$/m,
    ])
      assert.match(text, line);
    assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
  });

  it("has what --json prints as an attribute, in ASCII, beside those that a filter policy can go by", () => {
    const run = { secrets: [secretResult(), failed] };
    const { attributes } = snsMessage(notice(run));
    assert.deepEqual([attributes.environment, attributes.result], ["prod", "failed"]);
    assert.match(attributes.json ?? "", /^[ -~]+$/);
    assert.deepEqual(JSON.parse(attributes.json ?? ""), JSON.parse(JSON.stringify(resultJson(runResult(run)))));
    assert.ok(JSON.stringify(attributes).includes("script"), nasty);
  });

  it("fits into SNS's limit: those that failed first, and how many are left out", () => {
    const names = Array.from({ length: 2000 }, (_, i) => `shop/secret-${i}`);
    const secrets = names.map((secret, i) => (i === 1999 ? { ...failed, secret } : secretResult({ secret })));
    const message = snsMessage(notice({ secrets }));
    const size = sizeOf(message);
    // It is used well, too.
    assert.ok(size <= limit && size > limit * 0.95, `${size} bytes`);
    const json = jsonOf(message);
    assert.equal(json.secrets[0].secret, "shop/secret-1999");
    assert.equal(json.secrets.length + json.leftOut, 2000);
    assert.match(message.text, /… and 1979 more/);
  });

  it("fits where every text is endless, too", () => {
    const error = new RotationError("UPDATE_FAILED", { secret: "k", step: "create" }, "\u{1F511}é\n".repeat(300_000), {
      hint: "ü".repeat(400_000),
    });
    const secrets = Array.from({ length: 10 }, (_, i) => ({ ...failed, secret: `s${i}`, error }));
    const message = snsMessage(notice({ secrets, warnings: ["w".repeat(300_000)] }, { reason: "r".repeat(500) }));
    assert.ok(sizeOf(message) <= limit, `${sizeOf(message)} bytes`);
    const json = jsonOf(message);
    assert.equal(json.secrets.length + json.leftOut, 10);
    assert.ok(json.secrets.length > 0);
  });
});
