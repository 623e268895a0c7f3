import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { projectName } from "../../infra/names";
import { exitCodes } from "../errors";
import { builtIn } from "../rotators";
import { findProject } from "../stack/projectFolder";
import { secretTypes } from "../status/select";
import type { AddCommand } from "./command";

const shells = ["bash", "zsh", "fish"] as const;

/** Commands whose arguments are names of secrets. */
const takeNames = ["rotate", "verify", "rollback", "restore", "migrate", "record", "history"];

/**
 * Completion in a shell: of commands, options, types, stacks and the names of secrets.
 *
 * @param commands  what there is to complete
 */
export function completion(commands: readonly AddCommand[]): AddCommand {
  return (program, context) => {
    program
      .command("completion")
      .description(`for a shell: the command ${projectName}, which runs this clone, and its completion`)
      .addArgument(new Argument("<shell>").choices(shells))
      .action((shell) => context.run(printScript(shell)));
    program
      .command("complete", { hidden: true })
      .argument("[words...]")
      .action((words) => {
        const known = new Command("rotation");
        for (const add of commands) add(known, context);
        return context.run(complete(known, words));
      });
  };
}

/** Loaded here alone: no other command needs it. */
const library = () => import("@bomb.sh/tab");

async function printScript(shell: (typeof shells)[number]): Promise<number> {
  const root = join(__dirname, "../..");
  const words = [process.execPath, "-r", join(root, "policies/typescript.js"), join(root, "rotation/main.ts")];
  const own = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const body = shell === "fish" ? `${own} $argv; end` : `{ ${own} "$@"; }`;
  process.stdout.write(shell === "fish" ? `function ${projectName}; ${body}\n` : `${projectName}() ${body}\n`);
  (await library()).script(shell, projectName, projectName);
  return exitCodes.done;
}

/** Prints what a word may become, as the shell's script asks for it. @param words  of the command line so far, the last one is to be completed */
async function complete(known: Command, words: string[]): Promise<number> {
  const { default: fromCommander } = await import("@bomb.sh/tab/commander");
  const found = fromCommander(known);
  found.commands.delete("complete");
  const at = words.indexOf("--stack");
  const stack = at >= 0 ? words[at + 1] : process.env.PULUMI_STACK;
  const stacks = stackFiles();
  const chosen = stack && stacks.has(stack) ? [stack] : [...stacks.keys()];
  const secrets = new Map(chosen.flatMap((name) => secretsIn(stacks.get(name) ?? "")));
  for (const command of found.commands.values()) {
    const option = command.options.get("stack");
    if (option) {
      option.handler = (say) => {
        for (const name of stacks.keys()) say(name, "");
      };
    }
    const ofType = command.options.get("type");
    if (ofType) {
      ofType.handler = (say) => {
        for (const type of secretTypes(builtIn)) say(type, "");
      };
    }
    if (!takeNames.includes(command.value)) continue;
    for (const argument of command.arguments.values()) {
      argument.handler = (say) => {
        for (const [name, kind] of secrets) say(name, kind);
      };
    }
  }
  found.parse(words);
  return exitCodes.done;
}

/** The files of the project's stacks, by the stack's name. */
function stackFiles(): ReadonlyMap<string, string> {
  try {
    const folder = findProject(process.cwd());
    return new Map(
      readdirSync(folder).flatMap((file) => {
        const [, stack] = /^Pulumi\.(.+)\.ya?ml$/.exec(file) ?? [];
        return stack === undefined ? [] : [[stack, join(folder, file)] as const];
      }),
    );
  } catch {
    return new Map();
  }
}

/** Names and kinds that a stack's file declares; what an ESC environment adds is not looked up. */
function secretsIn(file: string): [name: string, kind: string][] {
  const { load } = require("js-yaml") as typeof import("js-yaml");
  try {
    const { config } = load(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
    const secrets = config?.[`${projectName}:secrets`];
    return Array.isArray(secrets) ? secrets.map(({ name, kind }) => [String(name), String(kind)]) : [];
  } catch {
    return [];
  }
}
