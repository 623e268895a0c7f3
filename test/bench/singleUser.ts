import { judge, type Verdict } from "../demo/verdict";
import { underLoad, watchedRotation } from "../demo/watchedRotation";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { spread } from "./statistics";

const secret = "shop/reports-db";
const rotations = 3;

export const benchmark: Benchmark = {
  name: "singleUser",
  title: `Rotations of ${secret} (single-user) under load`,
  timeoutSeconds: 300,
  usesStand: true,
  run,
};

async function run({ stand: shared, say, signal, remark }: BenchContext): Promise<Figure[]> {
  const stand = await shared();
  const failed: number[] = [];
  const windows: number[] = [];
  const refused: number[] = [];
  const verdicts: Verdict[] = [];
  for (let i = 1; i <= rotations; i++) {
    const around = { before: 2, after: 4, signal };
    const { load, result } = await underLoad(stand.load(), around, () => watchedRotation(stand, [secret]));
    const verdict = judge(stand.secrets, result.spans, load);
    const window = verdict.windows.find((found) => found.secret === secret);
    verdicts.push(verdict);
    failed.push(window?.count ?? 0);
    windows.push(window ? (window.lastMs - window.firstMs) / 1000 : 0);
    refused.push(result.refusals.reduce((sum, { afterwards }) => sum + afterwards, 0));
    say(`rotation ${i}: ${failed.at(-1)} requests failed within ${windows.at(-1)?.toFixed(1)} s`);
  }
  remark(
    "the window: from the first to the last refused query. It begins with ALTER ROLE and ends when every pod has the",
  );
  remark("new password, so it is as long as the rollout; open sessions go on, so not every query in it fails");
  return [
    { what: "requests failed in the window", measured: spread(failed, "", 0) },
    { what: "length of the window", measured: spread(windows, "s") },
    { what: "logins refused", measured: spread(refused, "", 0) },
    none(
      "requests failed for anything else",
      verdicts.reduce((sum, { unexpectedCount }) => sum + unexpectedCount, 0),
    ),
  ];
}
