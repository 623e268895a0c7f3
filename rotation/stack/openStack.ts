import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { parseStackConfig, type StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import { parseState, type RecordedStack } from "./recordedStack";

const run = promisify(execFile);

/** The project's folder: the driver runs the same program, with the same configuration, as `pulumi up` does. */
export const projectRoot = resolve(__dirname, "../..");

export interface OpenStack {
  readonly config: StackConfig;
  /** The Automation API's stack. Selecting it starts at once and is awaited here, so that other checks go on beside it. */
  readonly stack: Promise<Stack>;
  /** What the stack's state says now. */
  recorded(): Promise<RecordedStack>;
}

/**
 * Reads the stack's configuration and selects the stack.
 *
 * @throws {ConfigurationError} with every problem of Pulumi.<stack>.yaml at once
 * @throws {UsageError} when there is no such stack
 */
export async function openStack(name: string): Promise<OpenStack> {
  if (!existsSync(resolve(projectRoot, `Pulumi.${name}.yaml`))) {
    throw new UsageError(`there is no Pulumi.${name}.yaml: name a stack by --stack, or make it by pulumi stack init ${name}`);
  }
  const workspace = await LocalWorkspace.create({ workDir: projectRoot });
  const settings = await workspace.stackSettings(name);
  const config = parseStackConfig(name, settings.config ?? {});
  const explain = (error: unknown) => {
    if (!(error instanceof StackNotFoundError)) throw error;
    throw new UsageError(`the backend has no stack ${name} yet: run pulumi stack init ${name} and pulumi up --stack ${name} first`);
  };
  const stack = Stack.select(name, workspace).catch(explain);
  stack.catch(() => undefined);
  return {
    config,
    stack,
    async recorded() {
      // The Automation API's exportStack decrypts what is secret; the driver has no use for that.
      const args = ["stack", "export", "--stack", name];
      const { stdout } = await run(workspace.pulumiCommand.command, args, { cwd: projectRoot, maxBuffer: 1 << 30 });
      return parseState(name, JSON.parse(stdout), config);
    },
  };
}
