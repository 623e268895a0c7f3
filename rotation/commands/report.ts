import { rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Option } from "commander";
import { describeError, exitCodes, UsageError } from "../errors";
import { readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { reportOf } from "../report/report";
import { reportPage } from "../report/reportPage";
import { openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { count, policyConfigOption, stackOption } from "./options";

interface ReportOptions {
  readonly stack: string;
  readonly html: string;
  /** Number of runs of the history. */
  readonly limit: number;
  readonly policyConfig?: string;
}

export const addReport: AddCommand = (program, { run }) => {
  program
    .command("report")
    .description("a page of how the secrets stand: ages, the last run, history, what is due, failures with their cure")
    .addOption(stackOption())
    .requiredOption("--html <file>", "the page, one file that loads nothing; one that is there is replaced")
    .addOption(new Option("--limit <runs>", "at most so many runs of the history").default(50).argParser(count))
    .addOption(policyConfigOption())
    .action((options) => run(reportCommand(options)));
};

/** `npm run rotation -- report`. */
async function reportCommand({ stack, html, limit, policyConfig }: ReportOptions): Promise<number> {
  const pack = policyConfig === undefined ? undefined : readPackConfig(policyConfig);
  const open = await openStack(stack);
  const report = await reportOf(open, await openPorts(open.config), { pack, limit });
  const file = resolve(html);
  try {
    // Whoever reads the older page meanwhile has all of that.
    await writeFile(`${file}.new`, reportPage(report));
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new UsageError(`--html ${html} cannot be written: ${describeError(error)}`);
  }
  if ("missing" in report.trail) process.stderr.write(`the page has no history: ${report.trail.missing}\n`);
  process.stdout.write(`${file}\n`);
  return exitCodes.done;
}
