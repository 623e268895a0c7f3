import { Option } from "commander";
import { listBackups } from "../backup/listBackups";
import { exitCodes } from "../errors";
import { openPorts } from "../ports/openPorts";
import { newTable } from "../progress/table";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { count, jsonOption, stackOption } from "./options";

interface BackupsOptions {
  readonly stack: string;
  readonly limit: number;
  /** Key. */
  readonly before?: string;
  readonly json?: boolean;
}

export const addBackups: AddCommand = (program, { run }) => {
  program
    .command("backups")
    .description("the backups that are there, the newest first; nothing is decrypted")
    .addOption(stackOption())
    .addOption(new Option("--limit <backups>", "at most so many").default(20).argParser(count))
    .option("--before <key>", "only those older than this one: the next page")
    .addOption(jsonOption())
    .action((options) => run(backupsCommand(options)));
};

/** `npm run rotation -- backups`. */
async function backupsCommand({ stack, limit, before, json }: BackupsOptions): Promise<number> {
  const { config } = await openStack(stack);
  const page = await listBackups(config, await openPorts(config), { limit, before });
  if (json) {
    const backups = page.backups.map(({ key, header }) => ({ key, ...header }));
    const result: Output<"backups"> = { schemaVersion: 1, stack: config.stack, backups, before: page.before };
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    return exitCodes.done;
  }
  const table = newTable(["backup", "when", "stack", "secrets"]);
  for (const { key, header } of page.backups) {
    const secrets = header?.secrets.map(({ secret }) => secret).join("\n");
    table.push([key, header?.createdAt ?? "–", header?.stack ?? "–", secrets ?? "no backup: restore refuses it"]);
  }
  const lines = page.backups.length === 0 ? ["there is no backup"] : [table.toString()];
  if (page.before !== undefined) lines.push(`older ones: --before ${page.before}`);
  process.stdout.write(`${lines.join("\n")}\n`);
  return exitCodes.done;
}
