import { Option } from "commander";
import { UsageError } from "../errors";
import { InterruptedError, type Interruption } from "../interruption";
import { runMetricsOf } from "../metrics/runMetrics";
import { policyPackOf, readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import type { RunResult } from "../result";
import { builtIn } from "../rotators";
import type { RotateRequest } from "../run/request";
import { calendarOf } from "../schedule/calendar";
import { whyClosed } from "../schedule/whyClosed";
import { openStack } from "../stack/openStack";
import { secretTypes, select, whyNothing } from "../status/select";
import { statusOf } from "../status/status";
import type { AddCommand } from "./command";
import { confirm, needsYes } from "./confirm";
import { dryRun } from "./dryRun";
import { refuseInFreeze } from "./freeze";
import {
  dryRunOption,
  dueWithinOption,
  inFreezeOption,
  jsonOption,
  leaveBehindOption,
  metricsFileOption,
  parallelOption,
  policyConfigOption,
  reasonOption,
  stackOption,
} from "./options";
import { exitCodeOfRun, printRun, watchedRun } from "./showRun";
import { tellError } from "./tellError";
import { tellersOf } from "./tellers";

export interface RotateOptions {
  readonly stack: string;
  readonly type?: string;
  readonly all?: boolean;
  readonly due?: boolean;
  /** Seconds. */
  readonly dueWithin: number;
  /** What is valid now is compromised. */
  readonly emergency?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** Roll back what fails in its rollout. */
  readonly rollbackOnFailure?: boolean;
  /** File with the policy pack's configuration. */
  readonly policyConfig?: string;
  /** Undeclared workloads, e.g. `deployment/shop/worker`. */
  readonly leaveBehind: readonly string[];
  /** Secrets that are under way at once. */
  readonly parallel?: number;
  /** For the audit trail. */
  readonly reason?: string;
  /** Why this has to be though nothing may change; for the audit trail too. */
  readonly inFreeze?: string;
  readonly metricsFile?: string;
}

export const addRotate: AddCommand = (program, { interruption, run }) => {
  program
    .command("rotate")
    .description("rotate secrets: those that are named, or all that --type and --due leave")
    .argument("[names...]", "names as the stack declares them, without the environment")
    .addOption(stackOption())
    .addOption(
      new Option(
        "--type <type>",
        `only this type of secret: ${secretTypes(builtIn).join(", ")}, or a kind of the stack's own`,
      ),
    )
    .addOption(new Option("--all", "all that can be rotated").conflicts("type"))
    .option("--due", "only those that are due")
    .addOption(dueWithinOption())
    .addOption(dryRunOption())
    .option("--rollback-on-failure", "go back to the value before when a rollout fails")
    .addOption(emergencyOption())
    .option("--yes", "an emergency asks nothing")
    .addOption(leaveBehindOption())
    .addOption(parallelOption())
    .addOption(policyConfigOption())
    .addOption(reasonOption())
    .addOption(inFreezeOption())
    .addOption(metricsFileOption())
    .addOption(jsonOption())
    .action((names, options) => run(rotateCommand(names, options, interruption)));
};

function emergencyOption(): Option {
  const text = "what is valid now is compromised: no grace period, and everything older is retired";
  return new Option("--emergency", text).conflicts(["due", "rollbackOnFailure"]);
}

/** `npm run rotate`: the result goes to stdout, progress to stderr. */
async function rotateCommand(
  names: readonly string[],
  options: RotateOptions,
  interruption: Interruption,
): Promise<number> {
  if (options.emergency && !options.all && options.type === undefined && names.length === 0) {
    throw new UsageError("--emergency takes names of secrets, --type or --all");
  }
  if (options.all && names.length > 0) throw new UsageError("name secrets, or say --all: not both");
  if (options.emergency && !options.dryRun) needsYes(options);
  const open = await openStack(options.stack);
  const ports = await openPorts(open.config);
  const { reason = options.inFreeze, emergency = false, leaveBehind, parallel } = options;
  if (!options.due && !emergency) refuseInFreeze(open.config, ports, options);
  const limits = readPackConfig(options.policyConfig);
  const status = options.due ? await statusOf(open.config, ports, limits, options.dueWithin) : undefined;
  const type = options.all ? "all" : options.type;
  const selected = select(open.config, { names, type, status });
  const closed = options.due ? whyClosed(calendarOf(open.config.schedule), ports.clock.now()) : undefined;
  // A dry run shows what the next scheduled run would take.
  const secrets = closed !== undefined && !options.dryRun ? [] : selected;
  const note = whyNothing(open.config, { type, due: options.due, closed, selected });
  if (note !== undefined) process.stderr.write(`${note}\n`);
  const pack = policyPackOf(open.project, options.policyConfig);
  const intent = { command: "rotate", emergency, reason } as const;
  const told = tellersOf(open, ports, intent);
  const request = { open, ports, secrets, interruption, pack, ...told, emergency, leaveBehind, parallel };
  if (options.dryRun) return dryRun(request, options);
  const metrics = runMetricsOf({ config: open.config, ports, pack: limits, file: options.metricsFile }, status);
  const recorded = emergency ? await confirm(request, options) : undefined;
  const result = await watchedRun({ ...request, recorded, metrics }, options);
  let rollback: RunResult | undefined;
  try {
    if (options.rollbackOnFailure) rollback = await rollBackStuck(request, result, options);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    // Its exit code would say that nothing was touched.
    tellError(error);
  } finally {
    printRun(result, { ...options, note }, rollback);
  }
  return exitCodeOfRun(result);
}

async function rollBackStuck(
  request: Omit<RotateRequest, "observer">,
  result: RunResult,
  options: RotateOptions,
): Promise<RunResult | undefined> {
  const stuck = result.secrets.filter(({ error }) => error?.code === "ROLLOUT_FAILED").map(({ secret }) => secret);
  if (stuck.length === 0) return undefined;
  process.stderr.write(`rolling back ${stuck.join(", ")}\n`);
  const secrets = request.secrets.filter(({ name }) => stuck.includes(name));
  const reason = `rollout failed in run ${result.runId}`;
  const { open, ports } = request;
  const intent = { command: "rollback", emergency: false, reason } as const;
  const told = tellersOf(open, ports, intent);
  // Without metrics: its success would end the alarm of the failure that it follows.
  return watchedRun({ ...request, secrets, rollback: { to: undefined }, ...told }, options);
}
