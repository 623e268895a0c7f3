import { type ParseArgsConfig, parseArgs } from "node:util";

/** The options that a command is given. At `--help`, and at one that it does not know, it says its usage and the process ends. */
export function optionsOf<T extends NonNullable<ParseArgsConfig["options"]>>(usage: string, options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const asked = process.argv.includes("--help");
    console[asked ? "log" : "error"](asked ? usage : `${(error as Error).message}\n${usage}`);
    process.exit(asked ? 0 : 2);
  }
}
