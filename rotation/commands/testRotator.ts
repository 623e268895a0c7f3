import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { clauses } from "../contract/clauses";
import { describeRotator, judgeRotator, type SuiteRequest } from "../contract/suite";
import { Broken, type Verdict } from "../contract/verdict";
import { exitCodes, UsageError } from "../errors";
import type { Interruption } from "../interruption";
import { secretsManager } from "../ports/awsSecretsManager";
import type { Output } from "../schemas/outputs";
import type { AddCommand } from "./command";
import { jsonOption, seconds } from "./options";

interface TestRotatorOptions {
  /** File. */
  readonly parameters?: string;
  readonly strategy?: string;
  /** Files, by the secret's name or ARN. */
  readonly secret: ReadonlyMap<string, string>;
  /** Region. */
  readonly secretsFromAws?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: boolean;
}

export const addTestRotator: AddCommand = (program, { run, interruption }) => {
  program
    .command("test-rotator")
    .description("judges a kind of one's own by what every rotator has to keep; it makes and revokes real credentials")
    .argument("<file>", "the module that exports it; or YAML or JSON that declares its program or endpoint")
    .option("--parameters <file>", "YAML or JSON: the block under the kind's name, for a test account")
    .option("--strategy <name>", "of several, the one to judge; default: the first")
    .addOption(
      new Option("--secret <name=file>", "the value of a secret that it reads; repeatable")
        .argParser(secretFile)
        .default(new Map(), "none"),
    )
    .option("--secrets-from-aws <region>", "read other secrets from there, with the environment's credentials")
    .addOption(new Option("--timeout <duration>", "end it after this time").default(900, "15m").argParser(seconds))
    .addOption(jsonOption())
    .action((file, options) => run(testRotatorCommand(file, options, interruption)));
};

/** `npm run rotation -- test-rotator FILE`. */
async function testRotatorCommand(
  file: string,
  { parameters, strategy, secret: secrets, secretsFromAws, timeout, json }: TestRotatorOptions,
  interruption: Interruption,
): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const stopped = new AbortController();
  const late = AbortSignal.timeout(timeout * 1000);
  const verdicts: Verdict[] = [];
  const told = (verdict: Verdict) => {
    verdicts.push(verdict);
    if (!json) process.stdout.write(linesOf(verdict));
  };
  const request: SuiteRequest = {
    ...{ file, strategy, secrets, told },
    parameters: parameters === undefined ? undefined : documentIn(parameters),
    beyond: secretsFromAws === undefined ? undefined : secretsManager({ region: secretsFromAws }),
    signal: AbortSignal.any([stopped.signal, late]),
  };
  const startedMs = performance.now();
  const kind = await interruption
    .during(
      () => stopped.abort(),
      () => judge(request),
    )
    .catch((error) => {
      interruption.throwIfAsked();
      if (!late.aborted) throw error;
      return undefined;
    });
  const judged = new Set(verdicts.map(({ clause }) => clause));
  const missing = clauses.filter(({ name }) => !judged.has(name));
  for (const { name: clause } of missing) {
    const why = late.aborted ? `not done after ${timeout} s` : "there is no rotator to judge";
    told({ clause, result: "not judged", why });
  }
  const passed = verdicts.every(({ result }) => result === "passed" || result === "does not apply");
  if (json) {
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    const result: Output<"test-rotator"> = {
      schemaVersion: 1,
      file,
      ...kind,
      passed,
      seconds,
      clauses: detailed(verdicts),
    };
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  } else process.stdout.write(passed ? `${basename(file)} keeps every clause\n` : "");
  return passed ? exitCodes.done : exitCodes.failed;
}

/** @throws {UsageError} before the rotator has done anything */
async function judge(request: SuiteRequest): Promise<{ kind: string; strategy: string } | undefined> {
  const described = await describeRotator(request).catch((error) => {
    if (!(error instanceof Broken)) throw error;
    request.told({ clause: "definition", result: "failed", why: error.message });
    return undefined;
  });
  if (!described) return undefined;
  const { kind, strategy, problems, reads } = described;
  if (problems.length > 0) {
    throw new UsageError(
      `the parameters of kind ${kind} have mistakes:\n${problems.map((one) => `  ${one}`).join("\n")}`,
    );
  }
  const unknown = reads.filter((name) => !request.secrets.has(name));
  if (unknown.length > 0 && !request.beyond) {
    const give = unknown.map((name) => `--secret ${name}=FILE`).join(" ");
    throw new UsageError(`kind ${kind} reads ${unknown.join(" and ")}: give ${give}, or --secrets-from-aws REGION`);
  }
  await judgeRotator(described, request);
  return { kind, strategy };
}

const marks = { passed: "✓", failed: "✗", "not judged": "?", "does not apply": "–" } as const;

function linesOf({ clause, result, why }: Verdict): string {
  const { proves = "", remedy = "" } = clauses.find(({ name }) => name === clause) ?? {};
  const line = `${marks[result]} ${clause}: `;
  if (result === "not judged" || result === "does not apply") return `${line}${result}, ${why}\n`;
  if (result === "passed") return `${line}${proves}${why === undefined ? "" : ` (${why})`}\n`;
  const seen = (why ?? "").split("\n").map((text) => `    ${text}\n`);
  return `${line}${proves}\n${seen.join("")}    → ${remedy}\n`;
}

function detailed(verdicts: readonly Verdict[]): Output<"test-rotator">["clauses"] {
  return verdicts.map(({ clause, result, why }) => {
    const { proves = "", remedy } = clauses.find(({ name }) => name === clause) ?? {};
    return { clause, proves, result, ...(why !== undefined && { why }), ...(result === "failed" && { remedy }) };
  });
}

function secretFile(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [, name, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || file === undefined) throw new InvalidArgumentError("write NAME=FILE");
  if (!existsSync(file)) throw new InvalidArgumentError(`there is no file ${file}`);
  return new Map([...before, [name, file]]);
}

function documentIn(file: string): unknown {
  const { load } = require("js-yaml") as typeof import("js-yaml");
  try {
    return load(readFileSync(file, "utf8"));
  } catch {
    // What it says quotes the file.
    throw new UsageError(`${file} is not there, or no YAML or JSON`);
  }
}
