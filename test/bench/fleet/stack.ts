import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed } from "../../demo/command";
import { type DriverRun, runDriver } from "../../demo/driver";
import { workloads } from "../../integration/workloads";
import { repository } from "../../sandbox/paths";
import type { Sandbox } from "../../sandbox/sandbox";
import { stateKey } from "../../sandbox/stateKey";
import { Usage, type UsageOfRun } from "./usage";

/** Secrets that share a workload. */
const secretsPerWorkload = 10;

export interface FleetOptions {
  readonly sandbox: Sandbox;
  /** Name of the stack, its environment and its namespace. */
  readonly name: string;
  /** How many secrets. */
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that a pod has to be ready before it counts as available; default 0. */
  readonly minReadySeconds?: number;
  readonly secretsPerWorkload?: number;
  /** URL of Pulumi's backend; default: the sandbox's folder. */
  readonly backend?: string;
  /** The tree whose driver runs; default: this one. */
  readonly tree?: string;
}

/** One run of the driver, with what it used. */
export interface FleetRun extends DriverRun {
  readonly usage: UsageOfRun;
}

/** A stack of many alike secrets without policies, in a project folder of its own, driven by the command line. */
export class Fleet {
  readonly names: readonly string[];
  readonly #folder: string;

  private constructor(private readonly options: FleetOptions) {
    this.names = Array.from({ length: options.size }, (_, i) => `s${i + 1}`);
    this.#folder = mkdtempSync(join(tmpdir(), "secret-rotation-fleet-"));
  }

  /** Makes the stack and its workloads, and gives every secret its first value. */
  static async populated(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.#write();
    await fleet.#deploy();
    return fleet;
  }

  get size(): number {
    return this.names.length;
  }

  get #env(): Record<string, string> {
    const { sandbox, backend } = this.options;
    // Go's own default: the sandbox's engines collect less than a user's, and take twice the memory.
    return { ...sandbox.env, GOGC: "100", ...(backend !== undefined && { PULUMI_BACKEND_URL: backend }) };
  }

  /** The other tree's driver, on the same stack. */
  of(tree: string): void {
    for (const shared of ["infra", "rotation"]) {
      rmSync(join(this.#folder, shared), { force: true });
      symlinkSync(join(tree, shared), join(this.#folder, shared));
    }
  }

  /** `rotate`, by the command line. @throws Error when a secret failed, unless `mayFail` */
  async rotate(args: readonly string[], { mayFail = false } = {}): Promise<FleetRun> {
    let usage: Usage | undefined;
    const run = await runDriver({
      project: this.#folder,
      args: [...args, "--stack", this.options.name],
      env: this.#env,
      signal: this.options.signal,
      onStarted: (pid) => {
        usage = new Usage(pid);
      },
    });
    const failed = run.report.secrets.flatMap(({ error }) => error?.message ?? []);
    if (failed.length > 0 && !mayFail) throw new Error([`${failed.length} failed`, ...failed.slice(0, 3)].join("\n  "));
    return { ...run, usage: usage?.end() ?? new Usage(0).end() };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    const { sandbox, name, tree = repository } = this.options;
    for (const file of ["Pulumi.yaml", "package.json", "tsconfig.json"])
      cpSync(join(repository, file), join(this.#folder, file));
    symlinkSync(join(repository, "node_modules"), join(this.#folder, "node_modules"));
    this.of(tree);
    const workload = (i: number) => `w${Math.floor(i / this.#perWorkload) + 1}`;
    const secrets = this.names.map((secret, i) => ({
      name: secret,
      kind: "app",
      syncTimeout: "10m",
      rolloutTimeout: "10m",
      externalSecret: { target: secret, keys: [{ key: "KEY" }], namespaces: [name] },
      consumers: [{ namespace: name, name: workload(i), takes: "env" }],
    }));
    const config = { "aws:region": sandbox.env.AWS_REGION, "secret-rotation:secretFiles": ["secrets.yaml"] };
    const settings = { config, ...(await stateKey(sandbox)) };
    // JSON is YAML, too.
    writeFileSync(join(this.#folder, "secrets.yaml"), JSON.stringify(secrets));
    writeFileSync(join(this.#folder, `Pulumi.${name}.yaml`), JSON.stringify(settings));
  }

  get #perWorkload(): number {
    return this.options.secretsPerWorkload ?? secretsPerWorkload;
  }

  async #deploy(): Promise<void> {
    const { sandbox, name, minReadySeconds = 0, signal } = this.options;
    const cluster = workloads(sandbox.env.KUBECONFIG);
    await cluster.createNamespace(name);
    for (let i = 0; i < Math.ceil(this.size / this.#perWorkload); i++) {
      await cluster.deploy(name, `w${i + 1}`, { minReadySeconds });
    }
    // Not what is measured: with the state written once it takes a tenth of the time.
    const env = { ...this.#env, PULUMI_SKIP_CHECKPOINTS: "true" };
    const pulumi = (...args: string[]) =>
      succeed({
        command: "pulumi",
        args: [...args, "--stack", name, "--non-interactive"],
        cwd: this.#folder,
        env,
        signal,
      });
    await succeed({
      command: "pulumi",
      args: ["stack", "init", name, "--non-interactive"],
      cwd: this.#folder,
      env,
      signal,
    });
    await pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress");
    await this.rotate(["--all"]);
  }
}
