import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { limited, turnToWrite, writesPerSecond } from "../../../rotation/ports/awsClient";
import { requestsAtOnce, unlessMissing } from "../../../rotation/ports/kubernetesRequest";

describe("what is asked at once", () => {
  /** Asks 200 times, and tells how many were under way at most. */
  async function mostAtOnce(ask: (work: () => Promise<void>) => Promise<unknown>): Promise<number> {
    let [now, most] = [0, 0];
    const work = async () => {
      now += 1;
      most = Math.max(most, now);
      await delay(1);
      now -= 1;
    };
    await Promise.all(Array.from({ length: 200 }, () => ask(work)));
    return most;
  }

  it("of AWS is limited, whatever a run asks for", async () => {
    let send: (work: () => Promise<void>) => Promise<unknown> = (work) => work();
    limited({ middlewareStack: { add: (middleware) => (send = middleware(send)) } }, 7);
    assert.equal(await mostAtOnce((work) => send(work)), 7);
  });

  it("of the API server is limited, whatever a run asks for", async () => {
    assert.equal(await mostAtOnce((work) => unlessMissing(work)), requestsAtOnce);
  });

  it("no second has more writes than AWS takes", async () => {
    const at: number[] = [];
    await Promise.all(Array.from({ length: writesPerSecond * 2 }, () => turnToWrite().then(() => at.push(Date.now()))));
    const most = Math.max(...at.map((from) => at.filter((ms) => ms >= from && ms < from + 1000).length));
    assert.ok(most <= 50, `${most} within a second`);
    assert.ok((at.at(-1) ?? 0) - (at[0] ?? 0) >= 990);
  });
});
