import assert from "node:assert/strict";
import { StackLockedError } from "../../../rotation/errors";
import type { Notice } from "../../../rotation/notify/notice";
import { type Channel, noticed, notices } from "../../../rotation/notify/notices";
import { runContext, runResult } from "../audit/samples";
import { ports } from "../context";

describe("the notices of a run", () => {
  let told: Notice[] = [];
  const good: Channel = { name: "good", advice: "no", send: async (notice) => void told.push(notice) };
  const bad: Channel = {
    name: "SNS topic t",
    advice: "see whether it is there",
    send: () => Promise.reject(Object.assign(new Error("no such topic"), { name: "NotFound" })),
  };
  const on = (channels: readonly Channel[], limitSeconds?: number) =>
    notices(channels, async () => runContext, ports(), { ...(limitSeconds && { limitSeconds }) });
  beforeEach(() => {
    told = [];
  });

  it("that fail are warnings of the result, and hold up no other", async () => {
    const result = await noticed(on([bad, good]), runResult, async () => runResult({ warnings: ["first"] }));
    assert.deepEqual(result.warnings, [
      "first",
      "not told of this run: SNS topic t: NotFound: no such topic; see whether it is there",
    ]);
    assert.equal(told[0]?.record.result, "ok");
  });

  it("leave a result as it is when all have arrived, or nobody is to be told", async () => {
    assert.deepEqual(await noticed(on([good]), runResult, async () => runResult()), runResult());
    assert.deepEqual(await noticed(undefined, runResult, async () => runResult()), runResult());
  });

  it("tell of a run that throws, which throws on", async () => {
    const said: string[] = [];
    const run = noticed(
      on([good, bad]),
      runResult,
      () => Promise.reject(new StackLockedError("held by another")),
      (line) => said.push(line),
    );
    await assert.rejects(run, StackLockedError);
    assert.deepEqual([told[0]?.record.result, told[0]?.record.error?.message], ["locked", "held by another"]);
    assert.match(said.join("\n"), /^warning: not told of this run: SNS topic t/);
  });

  it("are bounded in time, whatever a channel does", async () => {
    const stuck: Channel = { name: "stuck", advice: "wait", send: () => new Promise(() => undefined) };
    const result = await noticed(on([stuck, good], 0.05), runResult, async () => runResult());
    assert.deepEqual(result.warnings, ["not told of this run: stuck: no answer within 0.05 s; wait"]);
    assert.equal(told.length, 1);
  });
});
