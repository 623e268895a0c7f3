import { randomUUID } from "node:crypto";
import { fullName } from "../../infra/names";
import { backupOf } from "../backup/openBackup";
import { writeBackup } from "../backup/writeBackup";
import { exitCodes } from "../errors";
import { openPorts } from "../ports/openPorts";
import { versionWith } from "../ports/secretsManager";
import { openStack } from "../stack/openStack";
import { select } from "../status/select";
import type { AddCommand } from "./command";
import { jsonOption, stackOption } from "./options";

interface BackupOptions {
  readonly stack: string;
  readonly json?: boolean;
}

export const addBackup: AddCommand = (program, { run }) => {
  program
    .command("backup")
    .description("back up the current values, encrypted, as a run does before it replaces them")
    .argument("[names...]", "names as the stack declares them; default: all that can be rotated")
    .addOption(stackOption())
    .addOption(jsonOption())
    .action((names, options) => run(backupCommand(names, options)));
};

/** `npm run rotation -- backup`. */
async function backupCommand(names: readonly string[], options: BackupOptions): Promise<number> {
  const { config } = await openStack(options.stack);
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
  const backup = await writeBackup(config, ports, randomUUID(), secrets);
  const result = { schemaVersion: 1, stack: config.stack, backup, secrets, withoutValue };
  const lines = [
    backup === undefined ? "there is nothing to back up" : `s3://${bucket}/${backup}`,
    ...secrets.map(({ secret, versionId }) => `  ${secret}  ${versionId}`),
    ...withoutValue.map((secret) => `  ${secret}  has no value yet`),
  ];
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : lines.join("\n")}\n`);
  return exitCodes.done;
}
