import { Command, CommanderError } from "commander";
import { ConfigurationError } from "../infra/config/stackConfig";
import { addBackup } from "./commands/backup";
import { addBackups } from "./commands/backups";
import { addCheck } from "./commands/check";
import type { AddCommand, CommandContext } from "./commands/command";
import { completion } from "./commands/completion";
import { addEvidence } from "./commands/evidence";
import { addHistory } from "./commands/history";
import { addKinds } from "./commands/kinds";
import { addMigrate } from "./commands/migrate";
import { addPermissions } from "./commands/permissions";
import { addRecord } from "./commands/record";
import { addReport } from "./commands/report";
import { addRestore } from "./commands/restore";
import { addRollback } from "./commands/rollback";
import { addRotate } from "./commands/rotate";
import { addStatus } from "./commands/status";
import { tellError } from "./commands/tellError";
import { addTestRotator } from "./commands/testRotator";
import { addVerify } from "./commands/verify";
import { exitCodes, StackLockedError, UsageError } from "./errors";
import { InterruptedError, Interruption } from "./interruption";
import { PolicyError } from "./policyError";
import { interruptOnSignals } from "./signals";

/** In the order in which the help lists them. */
const commands: readonly AddCommand[] = [
  addRotate,
  addStatus,
  addVerify,
  addRollback,
  addBackup,
  addBackups,
  addRestore,
  addMigrate,
  addRecord,
  addHistory,
  addReport,
  addEvidence,
  addCheck,
  addPermissions,
  addKinds,
  addTestRotator,
];

/** What the command line knows: commands with their options. */
export function commandLine(context: CommandContext): Command {
  const program = new Command("rotation")
    .description("Rotates secrets with zero downtime")
    .exitOverride()
    .showHelpAfterError("(--help lists what there is)");
  for (const add of [...commands, completion(commands)]) add(program, context);
  return program;
}

/** The command line: parses, runs one command, and turns what it throws into a message and an exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = new Interruption();
  const stopListening = interruptOnSignals(interruption);
  let exitCode: number = exitCodes.done;
  const run = async (command: Promise<number>) => {
    exitCode = await command;
  };
  const program = commandLine({ interruption, run });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error);
  } finally {
    stopListening();
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  tellError(error);
  if (error instanceof UsageError || error instanceof ConfigurationError) return exitCodes.usage;
  if (error instanceof PolicyError) return exitCodes.policy;
  if (error instanceof StackLockedError) return exitCodes.locked;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return exitCodes.failed;
}
