import type { Interruption } from "../interruption";
import { runMetricsOf } from "../metrics/runMetrics";
import { policyPackOf, readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { openStack } from "../stack/openStack";
import { select } from "../status/select";
import type { AddCommand } from "./command";
import { dryRun } from "./dryRun";
import { refuseInFreeze } from "./freeze";
import {
  dryRunOption,
  inFreezeOption,
  jsonOption,
  leaveBehindOption,
  policyConfigOption,
  reasonOption,
  stackOption,
} from "./options";
import type { RotateOptions } from "./rotate";
import { exitCodeOfRun, printRun, watchedRun } from "./showRun";
import { tellersOf } from "./tellers";

export interface RollbackOptions
  extends Pick<RotateOptions, "stack" | "dryRun" | "json" | "policyConfig" | "reason" | "inFreeze" | "leaveBehind"> {
  /** Version id. */
  readonly to?: string;
}

export const addRollback: AddCommand = (program, { interruption, run }) => {
  program
    .command("rollback")
    .description("bring an older value back, as a new version through the same gates")
    .argument("<name>", "name as the stack declares it, without the environment")
    .addOption(stackOption())
    .option("--to <version>", "version id to go back to, or its beginning; default: the one before")
    .addOption(dryRunOption())
    .addOption(leaveBehindOption())
    .addOption(policyConfigOption())
    .addOption(reasonOption())
    .addOption(inFreezeOption())
    .addOption(jsonOption())
    .action((name, options) => run(rollbackCommand(name, options, interruption)));
};

/** `npm run rotation -- rollback`: a rotation whose value comes from an older version. */
async function rollbackCommand(name: string, options: RollbackOptions, interruption: Interruption): Promise<number> {
  const open = await openStack(options.stack);
  const ports = await openPorts(open.config);
  refuseInFreeze(open.config, ports, options);
  const secrets = select(open.config, { names: [name], type: undefined, status: undefined });
  const pack = policyPackOf(open.project, options.policyConfig);
  const intent = { command: "rollback", emergency: false, reason: options.inFreeze ?? options.reason } as const;
  const request = {
    open,
    ports,
    secrets,
    interruption,
    pack,
    ...tellersOf(open, ports, intent),
    rollback: { to: options.to },
    leaveBehind: options.leaveBehind,
  };
  if (options.dryRun) return dryRun(request, options);
  const limits = readPackConfig(options.policyConfig);
  const metrics = runMetricsOf({ config: open.config, ports, pack: limits });
  const result = await watchedRun({ ...request, metrics }, options);
  printRun(result, options);
  return exitCodeOfRun(result);
}
