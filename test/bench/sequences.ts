import fc from "fast-check";
import { Estate, type Operation, sequence } from "../estates/sequences";
import type { BenchContext, Benchmark, Figure } from "./benchmark";

const count = Number(process.env.SEQUENCES ?? 200);
/** Stacks that are worked on at once. */
const side = 2;

export const benchmark: Benchmark = {
  name: "sequences",
  title: "Random sequences of what happens to a stack (SEQUENCES=N, default 200): no value is lost and none made up",
  timeoutSeconds: 5400,
  usesStand: false,
  byNameOnly: "about an hour",
  run,
};

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const seed = Date.now();
  const sequences = fc.sample(sequence, { numRuns: count, seed });
  const failed: string[] = [];
  let [tried, operations] = [0, 0];
  const worker = async (stack: string) => {
    const estate = new Estate(stack);
    await estate.start();
    try {
      for (let next = sequences.pop(); next && !signal.aborted; next = sequences.pop()) {
        const problem = await problemOf(estate, next);
        tried += 1;
        operations += next.length;
        if (problem !== undefined) failed.push(problem);
        const what = next.map((one) => one.do).join(", ");
        say(`${tried} of ${count}: ${what}${problem === undefined ? "" : `: FAILED: ${problem}`}`);
      }
    } finally {
      await estate.stop();
    }
  };
  await Promise.all(Array.from({ length: side }, (_, i) => worker(`walk${i + 1}`)));
  remark(`seed ${seed}; each sequence ends with pulumi up --refresh and a rotation, which have to heal everything`);
  for (const problem of failed) remark(problem);
  return [
    { what: "sequences tried", measured: String(tried), target: String(count), met: tried === count },
    { what: "operations in them", measured: String(operations) },
    {
      what: "sequences that lost or made up a value",
      measured: String(failed.length),
      target: "0",
      met: !failed.length,
    },
  ];
}

async function problemOf(estate: Estate, operations: readonly Operation[]): Promise<string | undefined> {
  try {
    await estate.run(operations);
    return undefined;
  } catch (error) {
    // What comes next begins with a stack that is whole again.
    await estate.heal().catch(() => undefined);
    return `${JSON.stringify(operations)}: ${reason(String(error))}`;
  }
}

/** Of the whole output of a command that failed, the lines that say why. */
function reason(text: string): string {
  const lines = text.split("\n").filter((line) => /error|fail|refus/i.test(line));
  return text.length < 2000 ? text : [text.slice(0, 200), ...lines].join("\n").slice(0, 4000);
}
