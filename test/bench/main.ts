// `npm run bench [-- NAME…]`: measures, and prints the figures with what they are compared with.
import "../sandbox/runtime";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Benchmark } from "./benchmark";
import { runBenchmarks } from "./runBenchmarks";

// In this order: first what needs the machine for itself, last what has a stand of its own.
const files = [
  "sandboxStart",
  "alternating",
  "singleUser",
  "oneRotation",
  "driverMemory",
  "reportPage",
  "noValueLeft",
  "fiveSecrets",
  "fleet",
  "metrics",
  "faults",
  "kinds",
  "killMatrix",
  "killKinds",
  "sequences",
  "commands/demo",
  "commands/tests",
  "commands/setUp",
];
const others = ["../policies/bench"];

function load(): Benchmark[] {
  const paths = [
    ...files.map((name) => `./${name}`),
    ...others.filter((path) => existsSync(resolve(__dirname, `${path}.ts`))),
  ];
  return paths.flatMap((path) => {
    const { benchmark } = require(path) as { benchmark?: Benchmark };
    return benchmark ? [benchmark] : [];
  });
}

async function main(names: readonly string[]): Promise<number> {
  const all = load();
  const unknown = names.filter((name) => !all.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    console.error(`there is no benchmark ${unknown.join(", ")}\nusage: npm run bench [-- NAME…], of:\n${list(all)}`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
  const [usual, others] = [all.filter(({ byNameOnly }) => !byNameOnly), all.filter(({ byNameOnly }) => byNameOnly)];
  const chosen = names.length === 0 ? usual : all.filter(({ name }) => names.includes(name));
  const exitCode = await runBenchmarks(chosen, interrupted.signal);
  if (names.length === 0) console.error(`\nNot run, as they were not named:\n${list(others)}`);
  return exitCode;
}

function list(benchmarks: readonly Benchmark[]): string {
  const long = (time: string | undefined) => (time ? ` (takes ${time}; runs only when it is named)` : "");
  return benchmarks.map(({ name, title, byNameOnly }) => `  ${name.padEnd(14)} ${title}${long(byNameOnly)}`).join("\n");
}

void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
