import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, Stack, type UpOptions } from "@pulumi/pulumi/automation";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";
import { secretUrn } from "../../infra/urns";
import { runAuditOf } from "../../rotation/audit/runAudit";
import { openBackup } from "../../rotation/backup/openBackup";
import { Interruption } from "../../rotation/interruption";
import { runMetricsOf } from "../../rotation/metrics/runMetrics";
import { type Observer, silent } from "../../rotation/observer";
import type { PolicyPack } from "../../rotation/policy/packConfig";
import type { Ports } from "../../rotation/ports";
import { openPorts } from "../../rotation/ports/openPorts";
import type { RunResult, SecretResult } from "../../rotation/result";
import { rotate } from "../../rotation/run/rotate";
import { openStack } from "../../rotation/stack/openStack";
import { sharedSandbox } from "../sandbox/shared";
import { stateKey } from "../sandbox/stateKey";
import { flat } from "./postgres";

export const region = "eu-west-1";

let cli: Promise<PulumiCommand> | undefined;

/** A stack of its own in the shared sandbox, with a project folder of its own. */
export interface Project {
  readonly folder: string;
  readonly stack: string;
  /** Sets what Pulumi.<stack>.yaml declares; `more` is configuration beside what the project was made with. */
  declare(secrets: readonly object[], more?: object): void;
  /** A plain `pulumi up`, in process; the operations other than `same` as `op type name`. */
  up(options?: Pick<UpOptions, "refresh" | "replace">): Promise<string[]>;
  /** The Automation API's stack, for what else a person does to it. */
  pulumi(): Promise<Stack>;
  /** `pulumi stack rename`, which renames the file of configuration too. */
  rename(to: string): Promise<void>;
  /** `pulumi state unprotect` of a Secret, as the refusal of its deletion says. */
  unprotect(secret: string): Promise<void>;
  rotate(
    names: readonly string[],
    options?: {
      ports?: Partial<Ports>;
      observer?: Observer;
      pack?: PolicyPack;
      rollback?: { to: string | undefined };
      emergency?: boolean;
      lockTimeoutSeconds?: number;
      /** Secrets that are under way at once. */
      parallel?: number;
      /** Secrets of one update that are under way at once, from their version to the restart of their workloads. */
      atOnce?: number;
      /** Whether versions are written by an update of their own. */
      versionsFirst?: boolean;
      /** Key of a backup. */
      restore?: string;
    },
  ): Promise<RunResult>;
  recorded: () => ReturnType<Awaited<ReturnType<typeof openStack>>["recorded"]>;
  remove(): void;
}

/** Puts the sandbox's variables over this process's: the AWS SDK, Pulumi and the Kubernetes client take them from there. */
export async function useSandbox() {
  const sandbox = await sharedSandbox();
  Object.assign(process.env, sandbox.env);
  return sandbox;
}

/** @param settings  more of the stack's configuration, e.g. `{"aws:endpoints": …}` */
export async function createProject(stack: string, settings: object = {}): Promise<Project> {
  const sandbox = await useSandbox();
  const key = await stateKey(sandbox);
  const folder = mkdtempSync(join(sandbox.dir, "project-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: secret-rotation\nruntime: nodejs\n");
  let name = stack;
  const declare = (secrets: readonly object[], more: object = {}) => {
    const config = { "aws:region": region, ...settings, ...more, "secret-rotation:secrets": secrets };
    writeFileSync(join(folder, `Pulumi.${name}.yaml`), JSON.stringify({ config, ...key }));
  };
  cli ??= PulumiCommand.get();
  const workspace = { workDir: folder, pulumiCommand: await cli, secretsProvider: key.secretsprovider };
  await Stack.create(stack, await LocalWorkspace.create(workspace));
  declare([]); // over what was made with another key
  return {
    folder,
    get stack() {
      return name;
    },
    declare,
    pulumi: async () => (await openStack(name, folder)).stack,
    async rename(to) {
      await (await openStack(name, folder)).stack.rename({ stackName: to });
      name = to;
    },
    async unprotect(secret) {
      const args = ["state", "unprotect", secretUrn(name, secret), "--yes", "--stack", name];
      await promisify(execFile)("pulumi", args, { cwd: folder });
    },
    async up(options = {}) {
      const open = await openStack(name, folder);
      const operations: string[] = [];
      await open.stack.up({
        ...options,
        program: () => program(open.config, noRotation(new Date().toISOString())),
        onEvent: ({ resourcePreEvent }) => {
          const { op, type, urn } = resourcePreEvent?.metadata ?? {};
          if (op && op !== "same" && op !== "refresh" && !type?.startsWith("pulumi:"))
            operations.push(`${op} ${type?.split(":").pop()} ${urn?.split("::").pop()}`);
        },
      });
      return operations;
    },
    async rotate(
      names,
      {
        ports,
        observer = silent,
        pack,
        rollback,
        emergency = false,
        restore,
        lockTimeoutSeconds,
        parallel,
        atOnce,
        versionsFirst,
      } = {},
    ) {
      const open = await openStack(name, folder);
      const secrets = open.config.secrets.filter(({ name }) => names.includes(name));
      const real = await openPorts(open.config);
      const all = { ...real, ...ports, postgres: flat(ports?.postgres ?? real.postgres) };
      const command = restore ? "restore" : rollback ? "rollback" : "rotate";
      return rotate({
        open,
        ports: all,
        secrets,
        audit: runAuditOf(open, all, { command, emergency, reason: undefined }),
        metrics: runMetricsOf({ config: open.config, ports: all, pack: pack?.config ?? {} }),
        observer,
        interruption: new Interruption(),
        pack,
        emergency,
        lockTimeoutSeconds,
        parallel,
        atOnce,
        versionsFirst,
        ...(rollback && { rollback }),
        ...(restore !== undefined && { restore: await openBackup(open.config, all, restore) }),
      });
    },
    recorded: async () => (await openStack(name, folder)).recorded(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The one result of a run over one secret. */
export function only({ secrets }: RunResult): SecretResult {
  if (secrets.length !== 1 || !secrets[0]) throw new Error(`${secrets.length} results`);
  return secrets[0];
}
