import { KubeConfig } from "@kubernetes/client-node";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { applySampleService, sampleServiceReady } from "../sampleService/applySampleService";
import { SampleLoad } from "../sampleService/load";
import type { SampleServiceOptions } from "../sampleService/manifests";
import { repository } from "../sandbox/paths";
import { type Sandbox, startSandbox } from "../sandbox/sandbox";
import { stateKey } from "../sandbox/stateKey";
import { type EndedCommand, succeed } from "./command";
import { type DriverCommand, type DriverRun, runDriver } from "./driver";
import { declaredSecrets } from "./project";

export interface StandOptions {
  /** The sandbox's folder; a temporary one if not given. */
  readonly dir?: string;
  readonly project?: string;
  readonly stack?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (line: string) => void;
  /** Variables for the sandbox's parts. */
  readonly env?: Readonly<Record<string, string>>;
  readonly services?: Partial<SampleServiceOptions>;
}

const readyMs = 60_000;

/** A sandbox in which a stack is deployed and rotated the way a user does it: by the command line. */
export class Stand {
  readonly project: string;
  readonly stack: string;
  readonly kubeconfig = new KubeConfig();
  readonly secrets: readonly SecretDeclaration[];
  /** Interrupts the commands that run from now on. */
  signal: AbortSignal | undefined;
  private readonly services: Partial<SampleServiceOptions>;

  private constructor(
    readonly sandbox: Sandbox,
    options: StandOptions,
  ) {
    this.project = options.project ?? repository;
    this.stack = options.stack ?? "dev";
    this.secrets = declaredSecrets(this.project, this.stack);
    this.kubeconfig.loadFromFile(sandbox.env.KUBECONFIG ?? "");
    this.signal = options.signal;
    this.services = options.services ?? {};
  }

  /** Starts the sandbox. @throws the signal's reason when that was interrupted */
  static async start(options: StandOptions): Promise<Stand> {
    const { dir, onProgress, env, signal } = options;
    const given = { ...(dir !== undefined && { dir }), ...(onProgress && { onProgress }), ...(env && { env }) };
    const sandbox = await startSandbox({ ...given, signal });
    return new Stand(sandbox, options);
  }

  /** Starts the sandbox, deploys the stack and the sample services, and writes the first values; all pods are ready then. */
  static async populated(options: StandOptions): Promise<Stand> {
    const stand = await Stand.start(options);
    try {
      await stand.deploy();
      await stand.applyServices();
      await stand.rotated(["--type", "all"]);
      await stand.servicesReady();
      return stand;
    } catch (error) {
      await stand.stop();
      throw error;
    }
  }

  /** Makes the stack and deploys it. @returns what `pulumi up` printed */
  async deploy(): Promise<string> {
    await this.pulumi("stack", "init", this.stack, ...(await this.#secretsProvider()));
    const quiet = ["--skip-preview", "--suppress-outputs", "--suppress-progress", "--color", "never"];
    return (await this.pulumi("up", "--yes", "--stack", this.stack, ...quiet)).stdout;
  }

  /** A key in KMS, as on a real account. The repository's own development stack has its passphrase. */
  async #secretsProvider(): Promise<string[]> {
    if (this.project === repository) return [];
    return ["--secrets-provider", (await stateKey(this.sandbox)).secretsprovider];
  }

  /** Deploys the sample services; their pods wait for their secrets, which come with the first rotation. */
  async applyServices(): Promise<void> {
    await applySampleService(this.kubeconfig, this.services);
  }

  async servicesReady(): Promise<void> {
    await sampleServiceReady(this.kubeconfig, readyMs);
  }

  /** Runs the driver; `args` are names or flags such as `--type all`. */
  async rotate(
    args: readonly string[],
    more: Pick<DriverCommand, "onMark" | "onStarted" | "env"> = { env: {} },
  ): Promise<DriverRun> {
    const env = { ...this.sandbox.env, ...more.env };
    return runDriver({
      ...more,
      env,
      project: this.project,
      args: [...args, "--stack", this.stack],
      signal: this.signal,
    });
  }

  /** As `rotate`. @throws {Error} when a secret failed */
  async rotated(...args: Parameters<Stand["rotate"]>): Promise<DriverRun> {
    const done = await this.rotate(...args);
    const failures = done.report.secrets.flatMap(({ error }) => error?.message ?? []);
    if (failures.length > 0 || done.exitCode !== 0) {
      throw new Error([`rotate ended with exit code ${done.exitCode}`, ...failures].join("\n  "));
    }
    return done;
  }

  async pulumi(...args: readonly string[]): Promise<EndedCommand> {
    const { env } = this.sandbox;
    return succeed({
      command: "pulumi",
      args: [...args, "--non-interactive"],
      cwd: this.project,
      env,
      signal: this.signal,
    });
  }

  /** A load on both sample services, not yet started. */
  load(): SampleLoad {
    return new SampleLoad({ kubeconfig: this.sandbox.env.KUBECONFIG ?? "" });
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
  }
}
