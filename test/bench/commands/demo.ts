import { atMost, type BenchContext, type Benchmark, type Figure } from "../benchmark";
import { inFreshClone } from "./freshClone";

const limitSeconds = 90;

export const benchmark: Benchmark = {
  name: "demo",
  title: "npm run demo -- --once in a fresh clone, the tools being there",
  timeoutSeconds: 300,
  usesStand: false,
  run,
};

async function run({ signal, remark }: BenchContext): Promise<Figure[]> {
  return inFreshClone(signal, async (clone) => {
    const packages = await clone.run("node", ["test/install.mjs"]);
    const demo = await clone.run("npm", ["run", "demo", "--", "--once"]);
    remark("the demo installs its packages itself; here that is done before, to be told apart");
    return [
      { what: "npm ci", measured: `${packages.toFixed(1)} s` },
      { what: "the rest", measured: `${demo.toFixed(1)} s` },
      atMost("the whole command", packages + demo, limitSeconds, "s"),
    ];
  });
}
