import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CommandError,
  type EngineEvent,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import "../../rotation/stack/connections";
import { engineHome } from "../../rotation/stack/engineHome";
import type { Sandbox } from "../sandbox/sandbox";
import { stateKey } from "../sandbox/stateKey";
import { packFolder } from "./analyzer";

const repository = join(__dirname, "../..");

/** What a violation of the pack looks like to whoever runs the engine. */
export interface Reported {
  readonly policy: string;
  readonly level: string;
  /** Logical name of the resource. */
  readonly resource: string;
  /** Without the policy's description, which comes first. */
  readonly message: string;
}

export interface Outcome {
  readonly failed: boolean;
  readonly reported: readonly Reported[];
  /** All that the command wrote, and the events as JSON. */
  readonly output: string;
}

export type Operation = "preview" | "up";

/** A temporary folder with a Pulumi project in it, to be worked on by the command line as by hand. */
export class ProjectFolder {
  readonly dir = mkdtempSync(join(tmpdir(), "policy-preview-"));

  constructor(private readonly env: Readonly<Record<string, string>>) {
    symlinkSync(join(repository, "node_modules"), join(this.dir, "node_modules"));
  }

  /** A project whose program is this JavaScript text. */
  write(name: string, program: string): void {
    writeFileSync(join(this.dir, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
    writeFileSync(join(this.dir, "package.json"), JSON.stringify({ name, main: "index.js" }));
    writeFileSync(join(this.dir, "index.js"), program);
  }

  /** The repository's own project: its program is linked, its stacks' files are copied, as the command line writes them. */
  copyRepository(...stacks: readonly string[]): void {
    for (const name of [
      "Pulumi.yaml",
      "package.json",
      "tsconfig.json",
      ...stacks.map((stack) => `Pulumi.${stack}.yaml`),
    ]) {
      copyFileSync(join(repository, name), join(this.dir, name));
    }
    symlinkSync(join(repository, "infra"), join(this.dir, "infra"));
  }

  file(name: string, content: unknown): string {
    writeFileSync(join(this.dir, name), JSON.stringify(content));
    return join(this.dir, name);
  }

  /** Runs `pulumi` as a person would, and waits for its end. */
  async pulumi(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const chunks: Buffer[] = [];
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.dir,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once("error", reject).once("close", resolve),
    );
    return { code, output: Buffer.concat(chunks).toString() };
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

let cli: Promise<PulumiCommand> | undefined;

/** A stack of an inline program, driven by the Automation API as the rotation's driver does. */
export class InlineStack {
  private constructor(
    private readonly stack: Stack,
    private readonly folder: string,
  ) {}

  static async create(sandbox: Sandbox, project: string, stackName: string, program: PulumiFn): Promise<InlineStack> {
    const folder = join(sandbox.dir, "policy-tests", project, stackName);
    mkdirSync(folder, { recursive: true });
    cli ??= PulumiCommand.get({ root: sandbox.dir });
    const { secretsprovider: secretsProvider, encryptedkey: encryptedKey } = await stateKey(sandbox);
    const stackSettings = {
      [stackName]: { secretsProvider, encryptedKey, config: { "aws:region": "eu-west-1" } },
    };
    // As the driver's engines, without the log of all that they do.
    const envVars = { ...sandbox.env, PULUMI_HOME: engineHome(sandbox.env.PULUMI_HOME) };
    const settings = { workDir: folder, envVars, pulumiCommand: await cli, stackSettings, secretsProvider };
    const stack = await LocalWorkspace.createOrSelectStack({ stackName, projectName: project, program }, settings);
    return new InlineStack(stack, folder);
  }

  /** Of its engines. */
  get envVars(): Record<string, string> {
    return this.stack.workspace.envVars as Record<string, string>;
  }

  /** Runs an operation with the pack, with another, or with none (null); a failure is an outcome too, unless it is none of the engine's. */
  async run(
    operation: Operation,
    config?: object,
    { pack = packFolder }: { readonly pack?: string | null } = {},
  ): Promise<Outcome> {
    const events: EngineEvent[] = [];
    const written: string[] = [];
    const configFile = join(this.folder, "pack.json");
    writeFileSync(configFile, JSON.stringify(config ?? {}));
    const options = {
      onEvent: (event: EngineEvent) => events.push(event),
      onOutput: (text: string) => written.push(text),
      color: "never" as const,
      ...(pack && { policyPacks: [pack], policyPackConfigs: [configFile] }),
    };
    let failed = false;
    try {
      await this.stack[operation](options);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failed = true;
      written.push(error.message);
    }
    return { failed, reported: events.flatMap(reportedBy), output: written.join("") + JSON.stringify(events) };
  }

  async destroy(): Promise<void> {
    await this.stack.destroy();
    await this.stack.workspace.removeStack(this.stack.name);
  }
}

function reportedBy({ policyEvent }: EngineEvent): Reported[] {
  if (!policyEvent) return [];
  const { policyName: policy, enforcementLevel: level, message, resourceUrn } = policyEvent;
  const text = message.slice(message.indexOf("\n") + 1).trimEnd();
  return [{ policy, level, resource: resourceUrn?.split("::").at(-1) ?? "", message: text }];
}
