import { explained } from "../failureOf";
import { PolicyError } from "../policyError";
import { violationTable } from "../progress/violationTable";

/** Says on stderr what ended a command. */
export function tellError(error: unknown): void {
  if (error instanceof PolicyError) process.stderr.write(`${violationTable(error.violations)}\n`);
  process.stderr.write(`${explained(error)}\n`);
}
