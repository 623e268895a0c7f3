import assert from "node:assert/strict";
import { liveValues } from "../search/liveValues";
import { type Hit, searchBytes } from "../search/needles";
import { evidence, neverWritten } from "./evidence";

/** Ends a suite of faults: nothing that came of any of them holds a value that is or was one. */
export function itSaysNoValue(): void {
  it("no error, with its causes, no result and no message of all this holds a value", async () => {
    const hits = await hitsInEvidence();
    assert.deepEqual(hits.slice(0, 10), []);
  });
}

/** Where the evidence of this process holds a value. @throws AssertionError when there is nothing to search, or to find */
export async function hitsInEvidence(): Promise<Hit[]> {
  const needles = [...(await liveValues(process.env)), ...neverWritten()];
  assert.ok(needles.length > 0 && evidence().length > 0);
  return evidence().flatMap(({ where, text }) => searchBytes(where, Buffer.from(text), needles));
}
