import assert from "node:assert/strict";
import { historyOf } from "../../../rotation/audit/history";
import type { AuditPlace } from "../../../rotation/audit/places/place";
import { type AuditRecord, parseRecord } from "../../../rotation/audit/record";
import { audited, runAudit } from "../../../rotation/audit/runAudit";
import { AuditError } from "../../../rotation/errors";
import { InterruptedError } from "../../../rotation/interruption";
import { ports } from "../context";
import { runContext, runResult } from "./samples";

/** A place in memory that refuses these states. */
function place(name: string, refuses: readonly AuditRecord["state"][] = []) {
  const records: AuditRecord[] = [];
  const kept: AuditPlace = {
    name,
    async append(record) {
      if (refuses.includes(record.state)) throw Object.assign(new Error("no"), { name: "AccessDenied" });
      records.push(record);
    },
    // biome-ignore lint/correctness/useYield: it fails before
    async *runs() {
      throw new Error("cannot be read");
    },
  };
  return { kept, states: () => records.map(({ state, result }) => [state, result]) };
}

describe("a run on record", () => {
  const said: string[] = [];
  const on = (...places: { kept: AuditPlace }[]) =>
    runAudit(
      places.map(({ kept }) => kept),
      async () => runContext,
      ports(),
      (line) => said.push(line),
    );
  const nothing = async () => undefined;
  beforeEach(() => said.splice(0));

  it("is written at its start and at its end, to every place", async () => {
    const [a, b] = [place("a"), place("b")];
    const result = await audited(on(a, b), runResult, async () => {
      assert.deepEqual([a.states(), b.states()], [[["started", undefined]], [["started", undefined]]]);
    });
    assert.deepEqual(
      [a.states()[1], b.states()[1]],
      [
        ["ended", "ok"],
        ["ended", "ok"],
      ],
    );
    assert.equal(result.recorded, true);
    assert.deepEqual(said, []);
  });

  it("does not begin when one place cannot be written, and the others say so", async () => {
    const [a, b] = [place("a"), place("b", ["started"])];
    const work = async () => assert.fail("it began");
    await assert.rejects(
      audited(on(a, b), runResult, work),
      new AuditError("the audit trail cannot be written: b: AccessDenied: no; nothing was changed"),
    );
    assert.deepEqual(a.states(), [
      ["started", undefined],
      ["ended", "failed"],
    ]);
    assert.deepEqual(b.states(), []);
  });

  it("that is cut short is recorded as that, and throws on", async () => {
    const a = place("a");
    const work = () => Promise.reject(new InterruptedError());
    await assert.rejects(audited(on(a), runResult, work), InterruptedError);
    assert.deepEqual(a.states()[1], ["ended", "interrupted"]);
  });

  it("whose end cannot be written tells it, and says the record instead", async () => {
    const [a, b] = [place("a"), place("b", ["ended"])];
    const { recorded } = await audited(on(a, b), runResult, nothing);
    assert.equal(recorded, false);
    assert.match(said[0] ?? "", /the audit trail cannot be written: b: AccessDenied: no/);
    assert.equal(parseRecord(said[1] ?? "")?.result, "ok");
    assert.deepEqual(a.states()[1], ["ended", "ok"]);
  });

  it("whose metrics cannot be told ends as it would, with a warning", async () => {
    const told: unknown[] = [];
    const aside = async (_: unknown, error?: unknown) => {
      told.push(error);
      return ["not told"];
    };
    const { warnings, recorded } = await audited(on(place("a")), runResult, nothing, aside);
    assert.deepEqual([warnings, recorded], [["not told"], true]);
    const failure = new InterruptedError();
    await assert.rejects(
      audited(on(place("a")), runResult, () => Promise.reject(failure), aside),
      failure,
    );
    // A run that may not begin is told, too.
    await assert.rejects(audited(on(place("b", ["started"])), runResult, nothing, aside), AuditError);
    assert.deepEqual([told[0], told[1], told[2] instanceof AuditError], [undefined, failure, true]);
  });

  it("without an audit trail says nothing of it", async () => {
    assert.equal((await audited(undefined, runResult, nothing)).recorded, undefined);
  });
});

describe("the history", () => {
  it("that no place can show is an error which names them all", async () => {
    const query = { environment: "dev", name: undefined, limit: 20 };
    await assert.rejects(
      historyOf([place("a").kept, place("b").kept], query),
      new AuditError("the audit trail cannot be read: a: cannot be read; b: cannot be read"),
    );
  });
});
