import { constants, copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SandboxPaths, typescriptArgs } from "../paths";
import type { Tools } from "../tools";
import { sandboxMark } from "../tools/pulumi";

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A shell script that becomes another command. */
function wrapper(file: string, command: readonly string[]): void {
  const text = `#!/bin/sh\nexec ${command.map(quote).join(" ")} "$@"\n`;
  writeFileSync(file, text, { mode: 0o755 });
}

/**
 * Fills the sandbox's bin/ with `pulumi` and, where there is none of Pulumi's own, what stands in for its language host for
 * Node.js. Pulumi warns when the language host is not beside its own file, which a symbolic link would not be.
 */
export function makePulumiBin(paths: SandboxPaths, tools: Tools): void {
  mkdirSync(paths.bin, { recursive: true });
  writeFileSync(join(paths.bin, sandboxMark), "");
  const pulumi = join(paths.bin, "pulumi");
  if (tools.languageHost) {
    symlinkSync(tools.pulumi, pulumi);
    return;
  }
  try {
    linkSync(tools.pulumi, pulumi);
  } catch {
    copyFileSync(tools.pulumi, pulumi, constants.COPYFILE_FICLONE); // another file system
  }
  const host = join(__dirname, "..", "standins", "languageHost", "main.ts");
  wrapper(join(paths.bin, "pulumi-language-nodejs"), [process.execPath, ...typescriptArgs, host]);
}
