import { run as runCommand } from "../../demo/command";
import { repository } from "../../sandbox/paths";
import { atMost, type BenchContext, type Benchmark, type Figure, none } from "../benchmark";
import { secondsOf } from "./freshClone";

const limitSeconds = 360;

export const benchmark: Benchmark = {
  name: "tests",
  title: "npm test, the tools being there",
  timeoutSeconds: 1200,
  usesStand: false,
  byNameOnly: "minutes",
  run,
};

async function run({ signal }: BenchContext): Promise<Figure[]> {
  const ended = await runCommand({ command: "npm", args: ["test"], cwd: repository, env: {}, signal });
  const count = (what: string) => Number(new RegExp(`^ +(\\d+) ${what}`, "m").exec(ended.stdout)?.[1] ?? 0);
  const passed = count("passing");
  if (passed === 0) throw new Error(`npm test has no result:\n${ended.stderr.slice(-2000)}`);
  return [
    atMost("the whole command", secondsOf(ended), limitSeconds, "s"),
    { what: "tests passed", measured: String(passed) },
    none("tests failed", count("failing")),
  ];
}
