import type { Command } from "commander";
import type { Interruption } from "../interruption";

/** What a command's action is handed by the command line. */
export interface CommandContext {
  readonly interruption: Interruption;
  /** Takes the command's exit code as the process's. */
  run(command: Promise<number>): Promise<void>;
}

/** Adds one command, with its options, to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void;
