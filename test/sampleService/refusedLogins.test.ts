import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logEnd, refusedLogins } from "./refusedLogins";

const refused = (time: string, role: string, zone = "UTC") =>
  `2026-03-01 12:00:${time} ${zone} [77] FATAL:  password authentication failed for user "${role}"\n` +
  `2026-03-01 12:00:${time} ${zone} [77] DETAIL:  Connection matched file "pg_hba.conf" line 1: "host all all all scram-sha-256"\n`;

describe("refusedLogins", () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "logins-"));
    file = join(directory, "postgres.log");
    await writeFile(file, `2026-03-01 11:59:59.000 UTC [1] LOG:  ready\n${refused("01.000", "reports")}`);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("counts by role, with the first and the last", async () => {
    await appendFile(file, refused("01.250", "orders_a") + refused("02.500", "reports"));
    assert.deepEqual(await refusedLogins(file), [
      {
        role: "reports",
        count: 2,
        first: new Date("2026-03-01T12:00:01.000Z"),
        last: new Date("2026-03-01T12:00:02.500Z"),
      },
      {
        role: "orders_a",
        count: 1,
        first: new Date("2026-03-01T12:00:01.250Z"),
        last: new Date("2026-03-01T12:00:01.250Z"),
      },
    ]);
  });

  it("counts from an offset on", async () => {
    const offset = await logEnd(file);
    assert.deepEqual(await refusedLogins(file, offset), []);
    await appendFile(file, refused("03.000", "reports"));
    const at = new Date("2026-03-01T12:00:03.000Z");
    assert.deepEqual(await refusedLogins(file, offset), [{ role: "reports", count: 1, first: at, last: at }]);
  });

  it("refuses times of an unknown zone", async () => {
    await appendFile(file, refused("04.000", "reports", "CET"));
    await assert.rejects(refusedLogins(file), /log_timezone=UTC/);
  });
});
