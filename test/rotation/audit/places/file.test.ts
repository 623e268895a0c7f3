import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { historyOf } from "../../../../rotation/audit/history";
import { filePlace } from "../../../../rotation/audit/places/file";
import { recordOf } from "../../../../rotation/audit/record";
import { runContext, runResult, secretResult } from "../samples";

describe("an audit trail in a file", () => {
  const folder = join(tmpdir(), `secret-rotation-audit-${randomUUID()}`);
  const file = join(folder, "below", "audit.jsonl");
  const place = filePlace(file);
  const end = { at: new Date(), error: undefined };
  const of = (runId: string, secret = "a", environment = "dev") =>
    [{ ...runContext, environment }, runResult({ runId, secrets: [secretResult({ secret })] })] as const;
  const history = async (more: { name?: string; limit?: number } = {}) => {
    const { runs, remarks } = await historyOf([place], { environment: "dev", name: undefined, limit: 9, ...more });
    return [runs.map(({ runId, state }) => `${runId} ${state}`), remarks];
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is empty before the first run", async () => {
    assert.deepEqual(await history(), [[], []]);
  });

  it("has the last record of each run of its environment, the newest first", async () => {
    await place.append(recordOf(...of("1")));
    await place.append(recordOf(...of("1"), end));
    await place.append(recordOf(...of("killed", "b")));
    await place.append(recordOf(...of("other", "a", "prod")));
    await place.append(recordOf(...of("2")));
    await place.append(recordOf(...of("2"), end));
    assert.deepEqual(await history(), [["2 ended", "killed started", "1 ended"], []]);
    assert.deepEqual(await history({ limit: 1 }), [["2 ended"], []]);
    assert.deepEqual(await history({ name: "b" }), [["killed started"], []]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("keeps what follows a line that a full disk cut off", async () => {
    appendFileSync(file, '{"schemaVersion":1,"sta');
    await place.append(recordOf(...of("3")));
    const remark = `${file}: 1 entries are no records that this version knows`;
    assert.deepEqual(await history({ limit: 2 }), [["3 started", "2 ended"], [remark]]);
  });

  it("that cannot be written says so", async () => {
    writeFileSync(join(folder, "plain"), "");
    await assert.rejects(
      filePlace(join(folder, "plain", "audit.jsonl")).append(recordOf(...of("4"))),
      /EEXIST|ENOTDIR/,
    );
  });
});
