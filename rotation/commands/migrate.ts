import { Option } from "commander";
import { runAuditOf } from "../audit/runAudit";
import { exitCodes, UsageError } from "../errors";
import type { Interruption } from "../interruption";
import { openPorts } from "../ports/openPorts";
import { type Migrated, migrate } from "../run/migrate";
import type { Target } from "../run/migration";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import { selectOne } from "../status/select";
import type { AddCommand } from "./command";
import { jsonOption, reasonOption, stackOption } from "./options";

interface MigrateOptions {
  readonly stack: string;
  readonly to: Target;
  readonly lambda?: string;
  readonly automaticallyAfter?: string;
  readonly schedule?: string;
  readonly window?: string;
  readonly strategy?: string;
  /** For the audit trail. */
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const addMigrate: AddCommand = (program, { interruption, run }) => {
  program
    .command("migrate")
    .description("have AWS rotate a secret, or the driver; its value stays. Without --yes a preview")
    .argument("<name>", "name as the stack declares it, without the environment")
    .addOption(new Option("--to <who>", "who rotates it then").choices(["native", "driver"]).makeOptionMandatory())
    .option("--lambda <arn>", "native: the rotation function; default: as declared, or as it is set in AWS")
    .addOption(new Option("--automatically-after <days>", "native: e.g. 30d").conflicts("schedule"))
    .option("--schedule <expression>", "native: cron(…) or rate(…), in UTC")
    .option("--window <hours>", "native: how long AWS's window is, e.g. 3h")
    .option("--strategy <name>", "driver: the strategy; default: the first one of its kind")
    .addOption(stackOption())
    .addOption(reasonOption())
    .option("--yes", "do it")
    .addOption(jsonOption())
    .action((name, options) => run(migrateCommand(name, options, interruption)));
};

/** `npm run rotation -- migrate`: changes the stack's file, and sets or cancels AWS's rotation. Exit code 2: nothing was touched. */
async function migrateCommand(name: string, options: MigrateOptions, interruption: Interruption): Promise<number> {
  const native = nativeBlock(options);
  const open = await openStack(options.stack);
  const secret = selectOne(open.config, name);
  const { to, strategy, yes: isMeant = false } = options;
  const ports = await openPorts(open.config);
  const audit = runAuditOf(open, ports, { command: "migrate", emergency: false, reason: options.reason });
  const request = { open, ports, secret, interruption, isMeant, audit };
  const migrated = await interruption.during(
    () => process.stderr.write("interrupting: the step under way is recorded first\n"),
    () => migrate({ ...request, options: { to, strategy, native } }),
  );
  const result: Output<"migrate"> = { schemaVersion: 1, stack: open.config.stack, secret: name, ...migrated };
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : text(name, migrated)}\n`);
  return migrated.recorded === false ? exitCodes.failed : exitCodes.done;
}

function nativeBlock({
  to,
  lambda,
  automaticallyAfter,
  schedule,
  window,
  strategy,
}: MigrateOptions): object | undefined {
  const given = Object.entries({ lambda, automaticallyAfter, schedule, window }).filter(
    ([, value]) => value !== undefined,
  );
  if (to === "native" && strategy !== undefined) throw new UsageError("--strategy goes with --to driver");
  if (to === "driver" && given.length > 0) throw new UsageError("--lambda, and when it runs, go with --to native");
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

function text(name: string, { from, to, done, versionId, file, changes, operations, warnings }: Migrated): string {
  const isNothing = changes.length === 0 && operations.length === 0;
  const head = isNothing ? `${name} has strategy ${to} already` : `${name}: ${from} → ${to}`;
  const end = done
    ? `done; its value is as it was (version ${versionId})`
    : `nothing was changed${isNothing ? "" : ": --yes does it. Its value stays as it is"} (version ${versionId})`;
  return [
    head,
    ...changes.map((line) => `  ${file}: ${line}`),
    ...operations.map((operation) => `  AWS: ${operation}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
    end,
  ].join("\n");
}
