import { exitCodes } from "../errors";
import { evidenceOf } from "../evidence/evidence";
import { newFolder, writeEvidence } from "../evidence/files";
import { periodOf } from "../evidence/period";
import { readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { openStack } from "../stack/openStack";
import type { AddCommand } from "./command";
import { policyConfigOption, stackOption } from "./options";

interface EvidenceOptions {
  readonly stack: string;
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly policyConfig?: string;
}

export const addEvidence: AddCommand = (program, { run }) => {
  program
    .command("evidence")
    .description("for auditors: the secrets, each rotation of a period, exceptions and limits, as CSV, JSON and a page")
    .addOption(stackOption())
    .requiredOption("--from <day>", "the first day (UTC), e.g. 2026-01-01")
    .requiredOption("--to <day>", "the last day (UTC)")
    .requiredOption("--out <folder>", "a new folder, or an empty one")
    .addOption(policyConfigOption())
    .action((options) => run(evidenceCommand(options)));
};

/** `npm run rotation -- evidence`. */
async function evidenceCommand({ stack, from, to, out, policyConfig }: EvidenceOptions): Promise<number> {
  const pack = policyConfig === undefined ? undefined : readPackConfig(policyConfig);
  const period = periodOf(from, to, new Date());
  const folder = await newFolder(out);
  const open = await openStack(stack);
  const evidence = await evidenceOf(open, await openPorts(open.config), { period, pack });
  const sha256 = await writeEvidence(evidence, folder);
  for (const remark of evidence.remarks) process.stderr.write(`${remark}\n`);
  process.stdout.write(`${folder}\nSHA-256 of manifest.json: ${sha256}\n`);
  return exitCodes.done;
}
