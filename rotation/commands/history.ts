import { Option } from "commander";
import { declaredTrail } from "../audit/declaredTrail";
import { historyOf } from "../audit/history";
import { exitCodes } from "../errors";
import { openPorts } from "../ports/openPorts";
import { historyTable } from "../progress/historyTable";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { count, jsonOption, stackOption } from "./options";

export interface HistoryOptions {
  readonly stack: string;
  /** Number of runs. */
  readonly limit: number;
  readonly json?: boolean;
}

export const addHistory: AddCommand = (program, { run }) => {
  program
    .command("history")
    .description("the last runs, from the audit trail: who rotated what, when, why, and how it ended")
    .argument("[name]", "only runs of this secret")
    .addOption(stackOption())
    .addOption(new Option("--limit <runs>", "at most so many runs").default(20).argParser(count))
    .addOption(jsonOption())
    .action((name, options) => run(historyCommand(name, options)));
};

async function historyCommand(name: string | undefined, options: HistoryOptions): Promise<number> {
  const { config, project } = await openStack(options.stack);
  const places = declaredTrail(config, await openPorts(config), project);
  // A name need not be declared any more.
  const { place, runs, remarks } = await historyOf(places, {
    environment: config.environment,
    name,
    limit: options.limit,
  });
  for (const remark of remarks) process.stderr.write(`${remark}\n`);
  const result: Output<"history"> = { schemaVersion: 1, stack: config.stack, place, runs };
  const text = options.json ? JSON.stringify(result, undefined, 2) : historyTable(runs, name, place);
  process.stdout.write(`${text}\n`);
  return exitCodes.done;
}
