import type { StackConfig } from "../../infra/config/stackConfig";
import { fullName } from "../../infra/names";
import { audited, type RunAudit, runAuditOf } from "../audit/runAudit";
import type { BackedUp } from "../backup/file";
import { backupOf } from "../backup/openBackup";
import { writeBackup } from "../backup/writeBackup";
import { exitCodes } from "../errors";
import type { Ports } from "../ports";
import { openPorts } from "../ports/openPorts";
import { versionWith } from "../ports/secretsManager";
import type { RunResult } from "../result";
import { startRun } from "../run/startedRun";
import { openStack } from "../stack/openStack";
import { select } from "../status/select";
import type { AddCommand } from "./command";
import { jsonOption, reasonOption, stackOption } from "./options";

interface BackupOptions {
  readonly stack: string;
  /** For the audit trail. */
  readonly reason?: string;
  readonly json?: boolean;
}

export const addBackup: AddCommand = (program, { run }) => {
  program
    .command("backup")
    .description("back up the current values, encrypted, as a run does before it replaces them")
    .argument("[names...]", "names as the stack declares them; default: all that can be rotated")
    .addOption(stackOption())
    .addOption(reasonOption())
    .addOption(jsonOption())
    .action((names, options) => run(backupCommand(names, options)));
};

/** `npm run rotation -- backup`. */
async function backupCommand(names: readonly string[], options: BackupOptions): Promise<number> {
  const open = await openStack(options.stack);
  const { config } = open;
  const { bucket } = backupOf(config);
  const ports = await openPorts(config);
  const type = names.length === 0 ? "all" : undefined;
  const found = await Promise.all(
    select(config, { names, type, status: undefined }).map(async ({ name: secret }) => {
      const live = await ports.secretsManager.describe(fullName(config.environment, secret));
      return { secret, versionId: live && versionWith("AWSCURRENT", live) };
    }),
  );
  const secrets = found.flatMap(({ secret, versionId }) => (versionId === undefined ? [] : [{ secret, versionId }]));
  const withoutValue = found.filter(({ versionId }) => versionId === undefined).map(({ secret }) => secret);
  const audit = runAuditOf(open, ports, { command: "backup", emergency: false, reason: options.reason });
  const { backup, recorded } = await writeAudited(config, ports, secrets, audit);
  const result = { schemaVersion: 1, stack: config.stack, backup, secrets, withoutValue };
  const lines = [
    backup === undefined ? "there is nothing to back up" : `s3://${bucket}/${backup}`,
    ...secrets.map(({ secret, versionId }) => `  ${secret}  ${versionId}`),
    ...withoutValue.map((secret) => `  ${secret}  has no value yet`),
  ];
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : lines.join("\n")}\n`);
  return recorded === false ? exitCodes.failed : exitCodes.done;
}

/** A run of its own, on record as one that replaces nothing. */
async function writeAudited(
  config: StackConfig,
  ports: Ports,
  secrets: readonly BackedUp[],
  audit: RunAudit | undefined,
): Promise<RunResult> {
  const run = startRun(config.stack, ports);
  let backup: string | undefined;
  const results = secrets.map(({ secret, versionId }) => ({
    secret,
    strategy: config.secrets.find(({ name }) => name === secret)?.strategy ?? "",
    emergency: false,
    outcome: "backed up" as const,
    oldVersionId: versionId,
    newVersionId: undefined,
    seconds: {},
    error: undefined,
    warnings: [],
  }));
  const soFar = () => run.result(results, backup);
  return audited(secrets.length > 0 ? audit : undefined, soFar, async () => {
    backup = await writeBackup(config, ports, run.runId, secrets);
  });
}
