import assert from "node:assert/strict";
import { timeline } from "./timeline";

const zeroMs = 1_000_000;
const sample = (seconds: number, sent: number, failed = 0) => ({ atMs: zeroMs + seconds * 1000, sent, failed });
const span = (secret: string, step: "create" | "set" | "rollout", from: number, to: number) => {
  return { secret, step, startMs: zeroMs + from * 1000, endMs: zeroMs + to * 1000 };
};
const cellsOf = (line: string) => line.trim().split(/ {2,}/);

describe("the demo's timeline", () => {
  it("shows what began in each time, the rate, and the failures of that time only", () => {
    const spans = [span("one", "create", 0.1, 0.2), span("one", "set", 0.3, 0.4), span("two", "create", 0.6, 0.7)];
    const samples = [sample(0, 100, 5), sample(0.5, 200, 5), sample(1, 320, 7)];
    const lines = timeline({ secrets: ["one", "two"], spans, samples, zeroMs }).split("\n");
    assert.deepEqual(lines.map(cellsOf), [
      ["seconds req/s failed", "one", "two"],
      ["0.0 – 0.5", "200", "0", "create set"],
      ["0.5 – 1.0", "240", "2", "create"],
    ]);
    // The second secret's column is another than the first one's.
    assert.equal(lines[2]?.lastIndexOf("create"), lines[0]?.indexOf("two"));
  });

  it("joins steady times, but none in which a request failed", () => {
    const spans = [span("one", "rollout", 0.1, 2.9)];
    const counts = [0, 100, 200, 300, 400, 500, 600, 700];
    const samples = counts.map((sent, i) => sample(i / 2, sent, i > 3 ? 1 : 0));
    const shown = timeline({ secrets: ["one"], spans, samples, zeroMs })
      .split("\n")
      .map(cellsOf);
    assert.deepEqual(shown.slice(1), [
      ["0.0 – 0.5", "200", "0", "rollout"],
      ["0.5 – 1.5", "200", "0", "|"],
      ["1.5 – 2.0", "200", "1", "|"],
      ["2.0 – 3.0", "200", "0", "|"],
      ["3.0 – 3.5", "200", "0"],
    ]);
  });

  it("stays within 100 characters", () => {
    const secrets = ["shop/session-key", "shop/jwt-signing", "shop/orders-db", "shop/reports-db"];
    const spans = secrets.flatMap((secret) => {
      return [span(secret, "create", 0.1, 0.2), span(secret, "set", 0.2, 0.3), span(secret, "rollout", 0.3, 0.4)];
    });
    const shown = timeline({ secrets, spans, samples: [sample(-10, 0), sample(100, 24_000, 100)], zeroMs });
    assert.ok(Math.max(...shown.split("\n").map((line) => line.length)) <= 100, shown);
  });
});
