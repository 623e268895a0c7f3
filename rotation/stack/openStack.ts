import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { type StackConfig, stackNameOf } from "../../infra/config/stackConfig";
import "./connections";
import "./promiseStacks";
import { readable } from "./cutOffMetadata";
import { engineEnvironment, fastPack } from "./engineEnvironment";
import { engineHome } from "./engineHome";
import { endOrphans, engineMark, engineOf, markOf } from "./orphans";
import { withoutPending } from "./pendingCreations";
import { findProject } from "./projectFolder";
import { configArguments, noStack, ofFileAlone, parsePrinted, refusedConfig } from "./readConfig";
import { parseState, type RecordedStack } from "./recordedStack";
import type { RemoteRuns } from "./remoteRuns";
import { withoutSummaries } from "./withoutSummaries";

const run = promisify(execFile);

/** The CLI, which a process asks for its version once. */
let cli: Promise<PulumiCommand> | undefined;

export interface OpenStack {
  /** The project's folder. */
  readonly project: string;
  readonly config: StackConfig;
  readonly stack: Stack;
  /** Ends what a killed engine of the driver's has left running. */
  endOrphans(): Promise<void>;
  /** The process id of the engine of an update that has begun; undefined: none was seen before its end. */
  engine(ended: AbortSignal): Promise<number | undefined>;
  /** What is known of engines that ran elsewhere; undefined: nothing. */
  readonly remote?: RemoteRuns | undefined;
  /** What the stack's state says now. @throws {UsageError} when the backend has no such stack */
  recorded(): Promise<RecordedStack>;
  /** Takes the creations out of the state that a killed engine has left under way of these resources (URNs). */
  forgetPending(urns: readonly string[]): Promise<void>;
}

/**
 * Reads the stack's configuration. The driver runs the same program, with the same configuration, as `pulumi up` does.
 *
 * @param named  the stack, with or without its organization and project
 * @param folder  in or below the project's folder
 * @throws {ConfigurationError} with every problem of the configuration at once
 * @throws {UsageError} when there is no such stack, or its configuration cannot be read
 */
export async function openStack(named: string, folder = process.cwd()): Promise<OpenStack> {
  const project = findProject(folder);
  const pulumiHome = engineHome();
  const denied = engineEnvironment();
  const asEngine = { cwd: project, env: { ...process.env, ...denied, PULUMI_HOME: pulumiHome }, maxBuffer: 1 << 30 };
  cli ??= PulumiCommand.get();
  // The providers' SDKs take a quarter of a second to load: while the CLI is at work.
  setImmediate(() => require("../../infra/program"));
  const mark = markOf(project, stackNameOf(named));
  // The Automation API lays them over this process's: an undefined one is taken out.
  const envVars = { ...denied, ...fastPack(denied), [engineMark]: mark } as Record<string, string>;
  const workspace = await LocalWorkspace.create({ workDir: project, pulumiCommand: await cli, pulumiHome, envVars });
  const pulumi = workspace.pulumiCommand.command;
  const printed = async () => {
    const print = () => run(pulumi, configArguments(named), asEngine);
    const { stdout } = await readable(workspace, named, print).catch((error) => {
      throw refusedConfig(named, error);
    });
    return parsePrinted(named, stdout, workspace);
  };
  const config = (await ofFileAlone(named, workspace)) ?? (await printed());
  // Every command names the stack. To select it would start the CLI once more, and change which one is the user's current.
  workspace.selectStack = async () => undefined;
  const stack = withoutSummaries(await Stack.select(named, workspace));
  // The Automation API's exportStack decrypts what is secret; the driver has no use for that.
  const exported = async (): Promise<unknown> => {
    const exporting = () => run(pulumi, ["stack", "export", "--stack", named], asEngine);
    const { stdout } = await readable(workspace, named, exporting).catch((error: { stderr?: string }) => {
      if (!/no stack named/.test(error.stderr ?? "")) throw error;
      throw noStack(named);
    });
    return JSON.parse(stdout);
  };
  return {
    project,
    config,
    stack,
    endOrphans: () => endOrphans(mark),
    engine: (ended) => engineOf(mark, ended),
    recorded: async () => parseState(config.stack, await exported(), config),
    async forgetPending(urns) {
      const importing = run(pulumi, ["stack", "import", "--stack", named], asEngine);
      importing.child.stdin?.end(JSON.stringify(withoutPending(await exported(), new Set(urns))));
      await importing;
    },
  };
}
