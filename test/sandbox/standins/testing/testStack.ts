import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import {
  type EngineEvent,
  LocalWorkspace,
  type OutputMap,
  PulumiCommand,
  type UpOptions,
} from "@pulumi/pulumi/automation";
import "../../../../rotation/stack/connections";
import { engineHome } from "../../../../rotation/stack/engineHome";
import { withoutSummaries } from "../../../../rotation/stack/withoutSummaries";
import type { Sandbox } from "../../sandbox";
import { sharedSandbox } from "../../shared";
import { stateKey } from "../../stateKey";

/** A resource as the state records it. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  readonly initErrors?: string[];
}

export interface Outcome {
  /** One `<operation> <name>` for each resource that is not `same`, e.g. `create-replacement v`. */
  readonly steps: string[];
  /** The paths that differ, by name of the resource. */
  readonly diffs: Readonly<Record<string, string[]>>;
  readonly outputs: OutputMap;
}

/** A stack of the real engine, with the stand-ins of the shared sandbox. */
export interface TestStack {
  readonly sandbox: Sandbox;
  /** Part of every name that a test chooses, as all tests share AWS and the cluster. */
  readonly unique: string;
  up(program: PulumiFn, options?: Partial<UpOptions>): Promise<Outcome>;
  preview(program: PulumiFn): Promise<Omit<Outcome, "outputs">>;
  refresh(): Promise<void>;
  destroy(): Promise<void>;
  recorded(name: string): RecordedResource;
  /** The state's file as it is. */
  stateFile(): string;
}

const projectName = "standins";
let cli: Promise<PulumiCommand> | undefined;

export async function createTestStack(name: string): Promise<TestStack> {
  const sandbox = await sharedSandbox();
  const unique = `${name}-${randomBytes(3).toString("hex")}`;
  const { secretsprovider: secretsProvider, encryptedkey: encryptedKey } = await stateKey(sandbox);
  const key = { secretsProvider, encryptedKey };
  cli ??= PulumiCommand.get({ root: sandbox.dir });
  const created = await LocalWorkspace.createStack(
    { stackName: unique, projectName, program: async () => undefined },
    {
      workDir: mkdtempSync(join(sandbox.dir, "project-")),
      secretsProvider,
      projectSettings: { name: projectName, runtime: "nodejs", backend: { url: sandbox.env.PULUMI_BACKEND_URL ?? "" } },
      stackSettings: { [unique]: { ...key, config: { "aws:region": "eu-west-1" } } },
      envVars: { ...sandbox.env, PULUMI_HOME: engineHome(sandbox.env.PULUMI_HOME) },
      pulumiCommand: await cli,
    },
  );
  const stateFile = () =>
    readFileSync(join(sandbox.dir, "pulumi-state", ".pulumi", "stacks", projectName, `${unique}.json`), "utf8");
  const resources = () => {
    const { checkpoint } = JSON.parse(stateFile()) as { checkpoint: { latest: { resources?: RecordedResource[] } } };
    return checkpoint.latest.resources ?? [];
  };
  const stack = withoutSummaries(created, () => {
    const { outputs = {} } = resources().find(({ type }) => type === "pulumi:pulumi:Stack") ?? {};
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value, secret: false }]));
  });
  return {
    sandbox,
    unique,
    up: async (program, options) => {
      const seen = observed();
      const { outputs } = await stack.up({ ...options, program, onEvent: seen.onEvent });
      return { ...seen.result, outputs };
    },
    preview: async (program) => {
      const seen = observed();
      await stack.preview({ program, onEvent: seen.onEvent });
      return seen.result;
    },
    refresh: async () => {
      await stack.refresh();
    },
    destroy: async () => {
      await stack.destroy();
    },
    recorded: (resource) => {
      const found = resources().find(({ urn }) => urn.endsWith(`::${resource}`));
      if (!found) throw new Error(`the state has no resource ${resource}`);
      return found;
    },
    stateFile,
  };
}

function observed() {
  const steps: string[] = [];
  const diffs: Record<string, string[]> = {};
  const onEvent = ({ resourcePreEvent }: EngineEvent) => {
    if (!resourcePreEvent) return;
    const { op, urn, detailedDiff, type } = resourcePreEvent.metadata;
    const name = urn.split("::").pop() ?? "";
    if (op === "same" || type.startsWith("pulumi:")) return;
    steps.push(`${op} ${name}`);
    if (detailedDiff) diffs[name] = Object.keys(detailedDiff);
  };
  return { onEvent, result: { steps, diffs } };
}
