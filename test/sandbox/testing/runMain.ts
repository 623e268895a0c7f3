import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repository, typescriptArgs } from "../paths";

/** Runs one of the sandbox's commands for a folder, to its end. */
export async function runMain(dir: string, script: string): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, SECRET_ROTATION_SANDBOX_DIR: dir };
  const child = spawn(process.execPath, [...typescriptArgs, join(repository, "test/sandbox", script)], {
    cwd: repository,
    env,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
