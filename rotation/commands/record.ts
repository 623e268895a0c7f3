import { runAuditOf } from "../audit/runAudit";
import { UsageError } from "../errors";
import type { Interruption } from "../interruption";
import { openPorts } from "../ports/openPorts";
import { recordByHand } from "../run/recordByHand";
import { openStack } from "../stack/openStack";
import { selectOne } from "../status/select";
import type { AddCommand } from "./command";
import { jsonOption, reasonOption, stackOption } from "./options";
import { exitCodeOfRun, printRun } from "./showRun";

interface RecordOptions {
  readonly stack: string;
  /** For the audit trail. */
  readonly reason: string;
  readonly elsewhere?: boolean;
  readonly json?: boolean;
}

export const addRecord: AddCommand = (program, { interruption, run }) => {
  program
    .command("record")
    .description("note that somebody has rotated a secret by hand: in its tags and the audit trail")
    .argument("<name>", "name as the stack declares it, without the environment")
    .addOption(stackOption())
    .addOption(reasonOption().makeOptionMandatory())
    .option("--elsewhere", "the credential is not in Secrets Manager: its version there has not changed")
    .addOption(jsonOption())
    .action((name, options) => run(recordCommand(name, options, interruption)));
};

/** `npm run rotation -- record`: changes no value, and restarts nothing. */
async function recordCommand(name: string, options: RecordOptions, interruption: Interruption): Promise<number> {
  const { reason, elsewhere = false } = options;
  if (reason.trim() === "") throw new UsageError("--reason is empty: say who rotated it, and why");
  const open = await openStack(options.stack);
  const secret = selectOne(open.config, name);
  const ports = await openPorts(open.config);
  const audit = runAuditOf(open, ports, { command: "record", emergency: false, reason });
  const result = await recordByHand({ open, ports, secret, elsewhere, audit, interruption });
  printRun(result, options);
  return exitCodeOfRun(result);
}
