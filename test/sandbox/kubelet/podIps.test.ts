import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PodIps } from "./podIps";

describe("addresses of pods", () => {
  it("are different loopback addresses, never 127.0.x.y", () => {
    for (const random of [() => 0, () => 0.999999]) {
      const ips = new PodIps(random);
      const taken = Array.from({ length: 254 }, () => ips.take());
      assert.equal(new Set(taken).size, 254);
      for (const ip of taken) assert.match(ip, /^127\.[1-9]\d*\.\d+\.[1-9]\d*$/);
    }
  });

  it("are given again only when all others had their turn", () => {
    const ips = new PodIps(() => 0.5);
    const first = ips.take();
    ips.release(first);
    assert.notEqual(ips.take(), first);
  });

  it("run out with a clear message", () => {
    const ips = new PodIps();
    for (let count = 0; count < 254; count++) ips.take();
    assert.throws(() => ips.take(), /all 254 addresses .* are taken/);
  });
});
