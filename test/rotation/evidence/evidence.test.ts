import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordOf } from "../../../rotation/audit/record";
import { UsageError } from "../../../rotation/errors";
import { csv } from "../../../rotation/evidence/csv";
import { evidenceFiles, newFolder, writeEvidence } from "../../../rotation/evidence/files";
import { periodOf } from "../../../rotation/evidence/period";
import { didRotate, rotationsOf } from "../../../rotation/evidence/rotations";
import { runContext, runResult, secretResult } from "../audit/samples";
import { nasty } from "../notify/samples";
import { sampleEvidence as evidence, now, refused } from "./samples";

const { population, rotations, remarks } = evidence;

describe("a period", () => {
  it("is days that there are, the first before the last, up to today", () => {
    assert.deepEqual(periodOf("2026-03-31", "2026-03-31", now), { from: "2026-03-31", to: "2026-03-31" });
    for (const [from, to, says] of [
      ["2026-02-30", "2026-03-01", /--from 2026-02-30 is no day: write one such as/],
      ["2026-01-01", "yesterday", /--to yesterday is no day/],
      ["2026-03-02", "2026-03-01", /--to 2026-03-01 lies before --from 2026-03-02/],
      ["2026-03-02", "2026-04-01", /--to 2026-04-01 lies ahead: there is evidence up to today, 2026-03-31/],
    ] as const)
      assert.throws(
        () => periodOf(from, to, now),
        (error) => error instanceof UsageError && says.test(error.message),
      );
  });
});

describe("the evidence of a period", () => {
  it("has in its population what is declared, and what the trail alone knows", () => {
    const counts = population.map(({ secret, declared, rotations, failures }) => [
      secret,
      declared,
      rotations,
      failures,
    ]);
    assert.deepEqual(counts, [
      ["shop/key", true, 1, 0],
      ["shop/other", true, 0, 1],
      ["shop/idle", true, 0, 0],
      ["ops/ssh", true, 0, 0],
      ["shop/gone", false, 1, 0],
    ]);
    assert.deepEqual(
      [population[1]?.maxAgeDays, population[1]?.defaultMaxAgeDays, population[1]?.maxAgeReason],
      [365, 90, nasty],
    );
  });

  it("has each rotation with its versions, who and why, and the proof of refusal", () => {
    const [key, other, gone, killed] = rotations;
    assert.deepEqual(
      [key?.oldVersionId, key?.newVersionId, key?.actor, key?.reason, key?.result],
      ["00000000-old", "00000000-new", "root@build-7", nasty, "rotated"],
    );
    assert.deepEqual([other?.result, other?.errorStep, other?.errorCode], ["failed", "sync", "NOT_SYNCED"]);
    assert.deepEqual(
      [gone?.emergency, gone?.refused, gone?.refusedVersionId, gone?.refusedAt],
      [true, refused.what, refused.versionId, refused.at],
    );
    assert.deepEqual([killed?.result, killed?.endedAt], ["started, not ended", undefined]);
  });

  it("has a migration with both strategies, who and why, and counts it as no rotation", () => {
    const secrets = [secretResult({ outcome: "migrated", fromStrategy: "simple", strategy: "native" })];
    const context = { ...runContext, command: "migrate", reason: "AWS has a function" } as const;
    const [row] = rotationsOf([recordOf(context, runResult({ secrets }), { at: now, error: undefined })]);
    assert.ok(row && !didRotate(row));
    assert.deepEqual([row.result, row.actor, row.reason], ["migrated", "root@build-7", "AWS has a function"]);
    const files = evidenceFiles({ ...evidence, rotations: [row] });
    assert.match(files.get("evidence.html") ?? "", /migrate, simple → native/);
    assert.match(files.get("rotations.csv") ?? "", /,strategy,fromStrategy,.*\r\nshop\/key,.*,native,simple,/);
  });

  it("says what is missing", () => {
    const text = remarks.join("\n");
    for (const remark of [
      /^audit trail: two entries$/m,
      /2026-03-31 \(UTC\) was not over yet/,
      /started and not ended, as after a kill: run killed/,
      /not declared now: shop\/gone/,
      /without a rotation in the period: shop\/other, shop\/idle$/m,
      /rotated by AWS or by hand, which the audit trail does not know: ops\/ssh$/m,
      /above that of their kind, and no maxAgeReason: shop\/idle$/m,
      /no --policy-config was named/,
    ])
      assert.match(text, remark);
  });
});

describe("the evidence's files", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "evidence-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("are written with the SHA-256 of each in the manifest, into a new folder or an empty one", async () => {
    mkdirSync(join(root, "empty"));
    for (const out of ["new/one", "empty"]) {
      const folder = await newFolder(join(root, out));
      const sha256 = await writeEvidence(evidence, folder);
      const hash = (name: string) =>
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex");
      assert.equal(hash("manifest.json"), sha256);
      const { files } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
      const others = readdirSync(folder).filter((name) => name !== "manifest.json");
      assert.deepEqual(files.map(({ name }: { name: string }) => name).sort(), others.sort());
      for (const { name, sha256 } of files) assert.equal(sha256, hash(name));
      assert.deepEqual(
        JSON.parse(readFileSync(join(folder, "evidence.json"), "utf8")),
        JSON.parse(JSON.stringify(evidence)),
      );
    }
    assert.deepEqual(readdirSync(root).sort(), ["empty", "new"]);
  });

  it("are never written over others, also where these came meanwhile", async () => {
    const folder = join(root, "taken");
    mkdirSync(folder);
    writeFileSync(join(folder, "mine"), "");
    await assert.rejects(newFolder(folder), /is not empty: name a new folder, nothing is written over/);
    await assert.rejects(newFolder(join(folder, "mine")), UsageError);
    await assert.rejects(writeEvidence(evidence, folder));
    assert.deepEqual([readdirSync(root), readdirSync(folder)], [["taken"], ["mine"]]);
    assert.ok(!existsSync(join(root, ".taken")));
  });

  it("hold no formula for a spreadsheet, and a field of a CSV stays one", () => {
    const rows = ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", 'a "b", c\r\nd', "plain"].map((text) => ({
      text,
      none: undefined,
    }));
    const lines = csv(["text", "none"], rows);
    assert.equal(
      lines,
      `text,none\r\n'=cmd(),\r\n'+1,\r\n'-1,\r\n'@x,\r\n'\tx,\r\n"'\rx",\r\n"a ""b"", c\r\nd",\r\nplain,\r\n`,
    );
  });
});
