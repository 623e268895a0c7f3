import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import fc from "fast-check";
import { type Operation, sequence } from "../estates/sequences";
import { typescriptArgs } from "../sandbox/paths";
import type { BenchContext, Benchmark, Figure } from "./benchmark";

const count = Number(process.env.SEQUENCES ?? 200);
/** Stacks that are worked on at once, each in a process and a sandbox of its own. */
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
  const work = async (stack: string) => {
    const worker = new Worker(stack, signal);
    await worker.answer();
    for (let next = sequences.pop(); next && !signal.aborted; next = sequences.pop()) {
      const problem = await worker.run(next);
      tried += 1;
      operations += next.length;
      if (problem !== undefined) failed.push(`${JSON.stringify(next)}: ${problem}`);
      const what = next.map((one) => one.do).join(", ");
      say(`${tried} of ${count}: ${what}${problem === undefined ? "" : `: FAILED: ${problem}`}`);
    }
    worker.end();
  };
  await Promise.all(Array.from({ length: side }, (_, i) => work(`walk${i + 1}`)));
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

/** A process of its own with one stack. */
class Worker {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(stack: string, signal: AbortSignal) {
    this.#child = fork(join(__dirname, "sequencesWorker.ts"), [stack], { execArgv: [...typescriptArgs] });
    this.#ended = once(this.#child, "exit").then(() => Promise.reject(new Error("the worker has ended")));
    this.#ended.catch(() => undefined);
    signal.addEventListener("abort", () => this.#child.kill());
  }

  /** @throws when the process has ended */
  async answer(): Promise<{ readonly problem?: string }> {
    const [message] = await Promise.race([once(this.#child, "message"), this.#ended]);
    return message;
  }

  /** @returns what was wrong, or undefined */
  async run(operations: readonly Operation[]): Promise<string | undefined> {
    this.#child.send(operations);
    return (await this.answer()).problem;
  }

  end(): void {
    this.#child.disconnect();
  }
}
