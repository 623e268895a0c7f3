import { setImmediate as later } from "node:timers/promises";
import type { StackConfig } from "../../infra/config/stackConfig";
import { fullName } from "../../infra/names";
import type { PackConfig } from "../../policies/rules";
import type { Ports } from "../ports";
import type { RunResult } from "../result";
import { type SecretStatus, statusOf } from "../status/status";
import { publish } from "./publish";
import { type Sample, samplesOfRun, samplesOfStatus } from "./samples";
import { writeMetricsFile } from "./textFile";

/** How long AWS is asked for the ages of a run's secrets: what it does not say by then, the next check says. */
const statusSeconds = 3;

/** Where metrics go: CloudWatch, when the stack declares alarms, and a file, when one was named. */
export interface Metering {
  readonly config: StackConfig;
  readonly ports: Ports;
  /** The policy pack's configuration: ages are judged by it. */
  readonly pack: PackConfig;
  /** `--metrics-file`. */
  readonly file?: string | undefined;
}

/** Tells the metrics of one run. Nothing of it ever throws: what fails is returned as sentences that say what to do. */
export interface RunMetrics {
  ended(run: RunResult, error?: unknown): Promise<readonly string[]>;
}

/**
 * @param status  of all secrets, where the command has asked for it: their ages are told at once, while the run goes on
 * @returns undefined when there is nowhere for them to go
 */
export function runMetricsOf(metering: Metering, status?: readonly SecretStatus[]): RunMetrics | undefined {
  if (!isMetered(metering)) return undefined;
  const { config, ports, pack } = metering;
  const { environment } = config;
  const all = status && samplesOfStatus(environment, status);
  // Later: the library takes a tenth of a second to load, and the CLI is at work by then.
  const before = later().then(() => (all ? cloudWatchWarnings(metering, all) : []));
  return {
    async ended(run, error) {
      const names = new Set(run.secrets.map(({ secret }) => secret));
      const secrets = config.secrets.filter(({ name }) => names.has(name));
      const live = await inTime(statusOf({ ...config, secrets }, ports, pack, 0));
      const ended = samplesOfRun(environment, run, error);
      // AWS may not say yet that the secret was stamped a moment ago.
      const fresh = new Set(ended.filter(({ measure }) => measure === "age").map(({ secret }) => secret));
      const aged = samplesOfStatus(environment, live ?? []).filter(
        ({ measure, secret }) => measure !== "age" || !fresh.has(secret),
      );
      const own = [...ended, ...aged];
      const warnings = [before, cloudWatchWarnings(metering, own), fileWarnings(metering, [...(all ?? []), ...own])];
      return [...new Set((await Promise.all(warnings)).flat())];
    },
  };
}

/** Whether anybody wants metrics. */
export function isMetered({ config, file }: Pick<Metering, "config" | "file">): boolean {
  return config.alarms !== undefined || file !== undefined;
}

/** Tells the ages of these secrets. */
export async function tellAges(metering: Metering, status: readonly SecretStatus[]): Promise<readonly string[]> {
  const samples = samplesOfStatus(metering.config.environment, status);
  return (await Promise.all([cloudWatchWarnings(metering, samples), fileWarnings(metering, samples)])).flat();
}

async function cloudWatchWarnings({ config, ports }: Metering, samples: readonly Sample[]): Promise<string[]> {
  const warning = config.alarms && (await publish(samples, ports));
  return warning === undefined ? [] : [warning];
}

async function fileWarnings({ config, file }: Metering, samples: readonly Sample[]): Promise<string[]> {
  const { environment, secrets } = config;
  const declared = new Set(secrets.map(({ name }) => fullName(environment, name)));
  const warning = file === undefined ? undefined : await writeMetricsFile(file, samples, { environment, declared });
  return warning === undefined ? [] : [warning];
}

/** Undefined: AWS has not said it in time. */
function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), statusSeconds * 1000);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
