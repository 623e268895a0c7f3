import { randomUUID } from "node:crypto";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describeError } from "../errors";
import type { Measure, Sample } from "./samples";

/** Each measure as a metric of OpenMetrics, in the order of the file. */
const families: Readonly<Record<Measure, { readonly name: string; readonly help: string; readonly unit?: string }>> = {
  success: { name: "secret_rotation_success", help: "1: the last run rotated the secret." },
  failure: { name: "secret_rotation_failure", help: "1: the last run failed to rotate the secret." },
  duration: { name: "secret_rotation_duration_seconds", help: "Seconds of the last rotation.", unit: "seconds" },
  age: { name: "secret_age_days", help: "Days since the value of the secret was rotated." },
  maxAge: { name: "secret_max_age_days", help: "Days that the value of the secret may become old." },
  daysToExpiry: { name: "secret_days_to_expiry", help: "Days until the value of the secret expires." },
};
const measures = Object.keys(families) as readonly Measure[];
const line = /^(\w+)\{environment="((?:[^"\\]|\\.)*)",secret="((?:[^"\\]|\\.)*)"\} (\S+)$/;

/**
 * Samples as OpenMetrics text, which node-exporter's textfile collector takes as well. It has no time stamps: the collector
 * refuses them.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
export function openMetrics(samples: readonly Sample[]): string {
  const ofMeasure = (measure: Measure) => {
    const { name, help, unit } = families[measure];
    const lines = samples
      .filter((sample) => sample.measure === measure)
      .map((sample) => `${keyOf(sample)} ${sample.value}`);
    if (lines.length === 0) return [];
    const described = [`# TYPE ${name} gauge`, ...(unit ? [`# UNIT ${name} ${unit}`] : []), `# HELP ${name} ${help}`];
    return [...described, ...lines.sort()];
  };
  return `${[...measures.flatMap(ofMeasure), "# EOF"].join("\n")}\n`;
}

/** @returns undefined where a line is none of this software's */
export function parseOpenMetrics(text: string): Sample[] | undefined {
  const found: Sample[] = [];
  for (const written of text.split("\n").filter((one) => one !== "" && !one.startsWith("#"))) {
    const [, name, environment = "", secret = "", value = ""] = line.exec(written) ?? [];
    const measure = measures.find((one) => families[one].name === name);
    if (measure === undefined) return undefined;
    found.push({ measure, environment: unescaped(environment), secret: unescaped(secret), value: Number(value) });
  }
  return found;
}

/**
 * Writes samples to a file at once, so that nobody reads half of it. What the file says of others stays: other secrets and
 * other environments, and the last result of a secret that only its age is told of. What is declared no more goes.
 *
 * @param declared  full names of the secrets of these environments
 * @returns why it was not written, with what to do; undefined: it was
 */
export async function writeMetricsFile(
  file: string,
  samples: readonly Sample[],
  { environment, declared }: { readonly environment: string; readonly declared: ReadonlySet<string> },
): Promise<string | undefined> {
  const unfinished = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const before = parseOpenMetrics(await readFile(file, "utf8").catch(missing));
    if (before === undefined) {
      return `the metrics were not written: ${file} holds metrics of others. Name a file of its own by --metrics-file`;
    }
    const kept = before.filter((sample) => sample.environment !== environment || declared.has(sample.secret));
    const byKey = new Map([...kept, ...samples].map((sample) => [keyOf(sample), sample]));
    await writeFile(unfinished, openMetrics([...byKey.values()]));
    // Whatever the umask: the collector is another user.
    await chmod(unfinished, 0o644);
    await rename(unfinished, file);
    return undefined;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    return `the metrics were not written: ${describeError(error)}. Name a file that can be written by --metrics-file`;
  }
}

function keyOf({ measure, environment, secret }: Pick<Sample, "measure" | "environment" | "secret">): string {
  return `${families[measure].name}{environment="${escaped(environment)}",secret="${escaped(secret)}"}`;
}

function missing(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
