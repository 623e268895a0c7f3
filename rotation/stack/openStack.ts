import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { parseStackConfig, type StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import "./connections";
import { readable } from "./cutOffMetadata";
import { engineHome } from "./engineHome";
import { withoutPending } from "./pendingCreations";
import { parseState, type RecordedStack } from "./recordedStack";
import { withoutSummaries } from "./withoutSummaries";

const run = promisify(execFile);

/** The CLI, which a process asks for its version once. */
let cli: Promise<PulumiCommand> | undefined;

/**
 * The folder of the project: the nearest one, here or above, with a Pulumi.yaml, as for `pulumi` itself.
 *
 * @throws {UsageError} when there is none
 */
function findProject(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder))
      throw new UsageError(`there is no Pulumi.yaml in ${from} or above: run this in the project's folder`);
  }
}

export interface OpenStack {
  /** The project's folder. */
  readonly project: string;
  readonly config: StackConfig;
  readonly stack: Stack;
  /** What the stack's state says now. @throws {UsageError} when the backend has no such stack */
  recorded(): Promise<RecordedStack>;
  /** Takes the creations out of the state that a killed engine has left under way of these resources (URNs). */
  forgetPending(urns: readonly string[]): Promise<void>;
}

/**
 * Reads the stack's configuration. The driver runs the same program, with the same configuration, as `pulumi up` does.
 *
 * @param folder  in or below the project's folder
 * @throws {ConfigurationError} with every problem of Pulumi.<stack>.yaml at once
 * @throws {UsageError} when there is no such file
 */
export async function openStack(name: string, folder = process.cwd()): Promise<OpenStack> {
  const project = findProject(folder);
  if (!existsSync(join(project, `Pulumi.${name}.yaml`))) {
    throw new UsageError(
      `there is no Pulumi.${name}.yaml: name a stack by --stack, or make it by pulumi stack init ${name}`,
    );
  }
  cli ??= PulumiCommand.get();
  const pulumiHome = engineHome();
  const asEngine = { cwd: project, env: { ...process.env, PULUMI_HOME: pulumiHome }, maxBuffer: 1 << 30 };
  // The providers' SDKs take a quarter of a second to load: while the CLI tells its version.
  setImmediate(() => require("../../infra/program"));
  const workspace = await LocalWorkspace.create({ workDir: project, pulumiCommand: await cli, pulumiHome });
  const settings = await workspace.stackSettings(name);
  const config = parseStackConfig(name, settings.config ?? {});
  // Every command names the stack. To select it would start the CLI once more, and change which one is the user's current.
  workspace.selectStack = async () => undefined;
  const stack = withoutSummaries(await Stack.select(name, workspace));
  const pulumi = workspace.pulumiCommand.command;
  // The Automation API's exportStack decrypts what is secret; the driver has no use for that.
  const exported = async (): Promise<unknown> => {
    const exporting = () => run(pulumi, ["stack", "export", "--stack", name], asEngine);
    const { stdout } = await readable(workspace, name, exporting).catch((error: { stderr?: string }) => {
      if (!/no stack named/.test(error.stderr ?? "")) throw error;
      throw new UsageError(
        `the backend has no stack ${name} yet: run pulumi stack init ${name} and pulumi up --stack ${name} first`,
      );
    });
    return JSON.parse(stdout);
  };
  return {
    project,
    config,
    stack,
    recorded: async () => parseState(name, await exported(), config),
    async forgetPending(urns) {
      const importing = run(pulumi, ["stack", "import", "--stack", name], asEngine);
      importing.child.stdin?.end(JSON.stringify(withoutPending(await exported(), new Set(urns))));
      await importing;
    },
  };
}
