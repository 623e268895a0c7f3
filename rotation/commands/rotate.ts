import { Option } from "commander";
import { runAuditOf } from "../audit/runAudit";
import type { Interruption } from "../interruption";
import { policyPackOf } from "../policy/packConfig";
import { realPorts } from "../ports";
import { secretTypes, select } from "../select";
import { openStack } from "../stack/openStack";
import { statusOf } from "../status";
import type { AddCommand } from "./command";
import { dryRun } from "./dryRun";
import { dryRunOption, dueWithinOption, jsonOption, policyConfigOption, reasonOption, stackOption } from "./options";
import { exitCodeOfRun, showRun } from "./showRun";

export interface RotateOptions {
  readonly stack: string;
  readonly type?: string;
  readonly due?: boolean;
  /** Seconds. */
  readonly dueWithin: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** Roll back what fails in its rollout. */
  readonly rollbackOnFailure?: boolean;
  /** File with the policy pack's configuration. */
  readonly policyConfig?: string;
  /** For the audit trail. */
  readonly reason?: string;
}

export const addRotate: AddCommand = (program, { interruption, run }) => {
  program
    .command("rotate")
    .description("rotate secrets: those that are named, or all that --type and --due leave")
    .argument("[names...]", "names as the stack declares them, without the environment")
    .addOption(stackOption())
    .addOption(new Option("--type <type>", "only this type of secret").choices(Object.keys(secretTypes)))
    .option("--due", "only those that are due")
    .addOption(dueWithinOption())
    .addOption(dryRunOption())
    .option("--rollback-on-failure", "go back to the value before when a rollout fails")
    .addOption(policyConfigOption())
    .addOption(reasonOption())
    .addOption(jsonOption())
    .action((names, options) => run(rotateCommand(names, options, interruption)));
};

/** `npm run rotate`: the result goes to stdout, progress to stderr. */
async function rotateCommand(
  names: readonly string[],
  options: RotateOptions,
  interruption: Interruption,
): Promise<number> {
  const open = await openStack(options.stack);
  const ports = realPorts(open.config.region, open.config.endpoints);
  const status = options.due ? await statusOf(open.config, ports, options.dueWithin) : undefined;
  const secrets = select(open.config, { names, type: options.type, status });
  if (secrets.length === 0) process.stderr.write("nothing is due\n");
  const pack = policyPackOf(open.project, options.policyConfig);
  const audit = runAuditOf(open, ports, { command: "rotate", emergency: false, reason: options.reason });
  const request = { open, ports, secrets, interruption, pack, audit };
  if (options.dryRun) return dryRun(request, options);
  const result = await showRun(request, options);
  const stuck = result.secrets.filter(({ error }) => error?.code === "ROLLOUT_FAILED").map(({ secret }) => secret);
  if (options.rollbackOnFailure && stuck.length > 0) {
    process.stderr.write(`rolling back ${stuck.join(", ")}\n`);
    const back = secrets.filter(({ name }) => stuck.includes(name));
    const reason = `rollout failed in run ${result.runId}`;
    const audit = runAuditOf(open, ports, { command: "rollback", emergency: false, reason });
    await showRun({ ...request, secrets: back, rollback: { to: undefined }, audit }, options);
  }
  return exitCodeOfRun(result);
}
