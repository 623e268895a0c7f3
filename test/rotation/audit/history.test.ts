import assert from "node:assert/strict";
import { historyOf } from "../../../rotation/audit/history";
import type { AuditPlace } from "../../../rotation/audit/places/place";
import { recordOf } from "../../../rotation/audit/record";
import { runContext, runResult } from "./samples";

describe("the history of a period", () => {
  const started = [
    "2026-04-01T00:00:00.000Z",
    "2026-03-31T23:59:59.999Z",
    // One that was written later than a younger one, as a file may have it.
    "2026-02-28T00:00:00.000Z",
    "2026-03-01T00:00:00.000Z",
    "2026-02-26T00:00:00.000Z",
  ];
  let read = 0;
  const place: AuditPlace = {
    name: "place",
    append: async () => undefined,
    async *runs() {
      for (const startedAt of [...started, "2025-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"]) {
        read += 1;
        yield recordOf(runContext, runResult({ startedAt }));
      }
    },
  };

  it("has the runs that began on its days, and reads no further", async () => {
    const period = { from: "2026-03-01", to: "2026-03-31" };
    const query = { environment: "dev", name: undefined, limit: Number.POSITIVE_INFINITY, period };
    const { runs } = await historyOf([place], query);
    assert.deepEqual(
      runs.map(({ startedAt }) => startedAt),
      ["2026-03-31T23:59:59.999Z", "2026-03-01T00:00:00.000Z"],
    );
    assert.equal(read, 5);
  });
});
