import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../infra/config/duration";
import { ConfigurationError } from "../infra/config/stackConfig";
import { checkCommand } from "./commands/check";
import { rollbackCommand, rotateCommand } from "./commands/rotate";
import { statusCommand } from "./commands/status";
import { describeError, exitCodes, StackLockedError, UsageError } from "./errors";
import { InterruptedError, Interruption } from "./interruption";
import { PolicyError } from "./policy/policyError";
import { violationTable } from "./progress/violations";
import { secretTypes } from "./select";

/** The command line: parses, runs one command, and turns what it throws into a message and an exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = new Interruption();
  const onSignal = (signal: NodeJS.Signals) => {
    process.stderr.write("interrupting: the step under way is recorded first\n");
    interruption.ask({ engineKnows: signal === "SIGINT" && process.stdin.isTTY });
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  let exitCode: number = exitCodes.done;
  const run = async (command: Promise<number>) => {
    exitCode = await command;
  };
  const program = new Command("rotation").description("Rotates secrets with zero downtime").exitOverride();
  program
    .command("rotate")
    .description("rotate secrets: those that are named, or all that --type and --due leave")
    .argument("[names...]", "names as the stack declares them, without the environment")
    .addOption(stackOption())
    .addOption(new Option("--type <type>", "only this type of secret").choices(Object.keys(secretTypes)))
    .option("--due", "only those that are due")
    .addOption(dueWithinOption())
    .option("--dry-run", "say what would happen, by a real preview")
    .option("--rollback-on-failure", "go back to the value before when a rollout fails")
    .option("--policy-config <file>", "configuration of the policy pack, as pulumi preview takes it")
    .option("--json", "print the result as JSON")
    .action((names, options) => run(rotateCommand(names, options, interruption)));
  program
    .command("status")
    .description("age and state of every declared secret")
    .addOption(stackOption())
    .addOption(dueWithinOption())
    .option("--json", "print the result as JSON")
    .action((options) => run(statusCommand(options)));
  program
    .command("rollback")
    .description("bring an older value back, as a new version through the same gates")
    .argument("<name>", "name as the stack declares it, without the environment")
    .addOption(stackOption())
    .option("--to <version>", "version id to go back to; default: the one before")
    .option("--dry-run", "say what would happen, by a real preview")
    .option("--policy-config <file>", "configuration of the policy pack, as pulumi preview takes it")
    .option("--json", "print the result as JSON")
    .action((name, options) => run(rollbackCommand(name, options, interruption)));
  program
    .command("check")
    .description(
      "what the policies say of the secrets that are live in AWS; exit code 3 when a mandatory one is violated",
    )
    .addOption(stackOption())
    .addOption(new Option("--due-within <duration>", "also those that get stale within this time").argParser(seconds))
    .option("--policy-config <file>", "configuration of the policy pack, as pulumi preview takes it")
    .option("--json", "print the result as JSON")
    .action((options) => run(checkCommand(options)));
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

function stackOption(): Option {
  return new Option("--stack <stack>", "the Pulumi stack").env("PULUMI_STACK").makeOptionMandatory();
}

function dueWithinOption(): Option {
  return new Option("--due-within <duration>", "a secret that gets stale within this time is due")
    .default(86_400, "1d")
    .argParser(seconds);
}

function seconds(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError("write a number and s, m, h or d, e.g. 14d");
  return parsed;
}

function exitCodeOf(error: unknown): number {
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof PolicyError) process.stderr.write(`${violationTable(error.violations)}\n`);
  process.stderr.write(`${describeError(error)}\n`);
  if (error instanceof UsageError || error instanceof ConfigurationError) return exitCodes.usage;
  if (error instanceof PolicyError) return exitCodes.policy;
  if (error instanceof StackLockedError) return exitCodes.locked;
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return exitCodes.failed;
}
