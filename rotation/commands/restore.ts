import { openBackup } from "../backup/openBackup";
import { UsageError } from "../errors";
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

interface RestoreOptions
  extends Pick<RotateOptions, "stack" | "dryRun" | "json" | "policyConfig" | "reason" | "inFreeze" | "leaveBehind"> {
  /** Key. */
  readonly backup: string;
}

export const addRestore: AddCommand = (program, { interruption, run }) => {
  program
    .command("restore")
    .description("bring the values of a backup back, as new versions through the same gates")
    .argument("[names...]", "names as the stack declares them; default: all that the backup holds")
    .addOption(stackOption())
    .requiredOption("--backup <key>", "a key that backups lists")
    .addOption(dryRunOption())
    .addOption(leaveBehindOption())
    .addOption(policyConfigOption())
    .addOption(reasonOption())
    .addOption(inFreezeOption())
    .addOption(jsonOption())
    .action((names, options) => run(restoreCommand(names, options, interruption)));
};

/** `npm run rotation -- restore`: a rotation whose values come from a backup. */
async function restoreCommand(
  names: readonly string[],
  options: RestoreOptions,
  interruption: Interruption,
): Promise<number> {
  const open = await openStack(options.stack);
  const ports = await openPorts(open.config);
  refuseInFreeze(open.config, ports, options);
  const restore = await openBackup(open.config, ports, options.backup);
  const held = restore.secrets.map(({ secret }) => secret);
  const missing = names.filter((name) => !held.includes(name));
  if (missing.length > 0) {
    throw new UsageError(`${options.backup} holds no ${missing.join(", ")}; it holds: ${held.join(", ")}`);
  }
  const wanted = names.length > 0 ? names : held;
  const secrets = select(open.config, { names: wanted, type: undefined, status: undefined });
  const pack = policyPackOf(open.project, options.policyConfig);
  const { backup: restoredFrom, leaveBehind } = options;
  const reason = options.inFreeze ?? options.reason;
  const intent = { command: "restore", emergency: false, reason, restoredFrom } as const;
  const told = tellersOf(open, ports, intent);
  const request = { open, ports, secrets, interruption, pack, ...told, restore, leaveBehind };
  if (options.dryRun) return dryRun(request, options);
  const limits = readPackConfig(options.policyConfig);
  const metrics = runMetricsOf({ config: open.config, ports, pack: limits });
  const result = await watchedRun({ ...request, metrics }, options);
  printRun(result, options);
  return exitCodeOfRun(result);
}
