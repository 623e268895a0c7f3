import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Each line of stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

const keptLines = 30;

/** Runs a program, which ends with this process, and returns its stdout. @throws Error with the last lines of its stderr if it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeoutMs,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithThis = () => child.kill();
  process.once("exit", endWithThis);
  let output = "";
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    options.onLine?.(line);
    if (errors.push(line) > keptLines) errors.shift();
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject).once("close", (...result) => resolve(result));
  });
  process.removeListener("exit", endWithThis);
  if (code === 0) return output;
  const how = signal ? `was ended by ${signal}` : `ended with ${code}`;
  throw new Error(`\`${[command, ...args].join(" ")}\` ${how}:\n${errors.join("\n")}`);
}

/** The first executable of that name on a PATH; folders for which `skip` says so are passed over. */
export function findOnPath(name: string, path = process.env.PATH ?? "", skip = (_folder: string) => false) {
  for (const folder of path.split(delimiter)) {
    if (folder === "" || skip(folder)) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
