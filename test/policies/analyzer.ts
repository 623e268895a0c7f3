import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/** What the engine puts in place of a text that a preview does not know. */
export const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const packFolder = join(__dirname, "../../policies");
export const project = "secret-rotation";

const policyLevels = ["advisory", "mandatory", "disabled", "remediate"] as const;
export type PolicyLevel = (typeof policyLevels)[number];
export type Json = { [key: string]: JavaScriptValue };

export interface TestResource {
  readonly type: string;
  readonly name: string;
  readonly props: Json;
  /** Configuration of its provider. */
  readonly provider?: Json;
}

/** What a policy reported, in the order of the report. */
export interface Diagnostic {
  readonly policy: string;
  readonly level: PolicyLevel;
  readonly message: string;
}

export interface PackOptions {
  readonly stack: string;
  /** The stack's configuration as the engine hands it over: by full key, objects as JSON. */
  readonly config?: Readonly<Record<string, string>>;
  /** Laid over the environment of this process; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the engine says the stack; the oldest ones did not. */
  readonly saysStack?: boolean;
  /** Where the pack lies. Default: the repository's policies/. */
  readonly folder?: string;
}

/** A test run that is killed closes this pipe, and takes its packs with it. */
const endWithParent = 'data:text/javascript,process.stdin.on("end", () => process.exit()).resume()';

/** The pack's process as the engine starts it, and the engine's side of the analyzer protocol. */
export class Pack {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
    private readonly stack: string,
  ) {}

  /** @throws Error with what the pack wrote, if it does not start */
  static async start({
    stack,
    config = {},
    env = {},
    saysStack = true,
    folder = packFolder,
  }: PackOptions): Promise<Pack> {
    const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const said = {
      PULUMI_NODEJS_ORGANIZATION: "organization",
      PULUMI_NODEJS_PROJECT: project,
      PULUMI_NODEJS_STACK: stack,
      PULUMI_NODEJS_DRY_RUN: "true",
      PULUMI_CONFIG: JSON.stringify(config),
    };
    const child = spawn(process.execPath, ["--import", endWithParent, dirname(runner), "127.0.0.1:1", "."], {
      cwd: folder,
      env: { ...process.env, ...(saysStack ? said : {}), ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const port = await portOf(child);
    const limit = 400 << 20;
    const limits = { "grpc.max_receive_message_length": limit, "grpc.max_send_message_length": limit };
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), limits);
    return new Pack(child, client, stack);
  }

  urnOf({ type, name }: Pick<TestResource, "type" | "name">): string {
    return `urn:pulumi:${this.stack}::${project}::${type}::${name}`;
  }

  async info(): Promise<proto.AnalyzerInfo> {
    return this.call((done) => this.client.getAnalyzerInfo(new Empty(), done));
  }

  /** Hands over configuration as the engine does: every policy's level and defaults, with what is given laid over. */
  async configure(given: Readonly<Record<string, PolicyLevel | Json>> = {}): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const policy of (await this.info()).getPoliciesList()) {
      const own = given[policy.getName()] ?? {};
      const { enforcementLevel, ...properties } = typeof own === "string" ? { enforcementLevel: own } : own;
      const all = given.all;
      const level = policyLevels.indexOf(
        (enforcementLevel ?? all ?? policyLevels[policy.getEnforcementlevel()]) as PolicyLevel,
      );
      const config = new proto.PolicyConfig().setEnforcementlevel(level);
      request
        .getPolicyconfigMap()
        .set(policy.getName(), config.setProperties(struct({ ...defaultsOf(policy), ...properties })));
    }
    await this.call<Empty>((done) => this.client.configure(request, done));
  }

  async analyze(resource: TestResource): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeRequest()
      .setType(resource.type)
      .setName(resource.name)
      .setUrn(this.urnOf(resource))
      .setProperties(struct(resource.props))
      .setOptions(new proto.AnalyzerResourceOptions());
    if (resource.provider) request.setProvider(providerOf(resource.provider));
    return diagnosticsOf(await this.call((done) => this.client.analyze(request, done)));
  }

  async analyzeStack(resources: readonly TestResource[]): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeStackRequest().setResourcesList(
      resources.map((resource) =>
        new proto.AnalyzerResource()
          .setType(resource.type)
          .setName(resource.name)
          .setUrn(this.urnOf(resource))
          .setProperties(struct(resource.props))
          .setOptions(new proto.AnalyzerResourceOptions()),
      ),
    );
    return diagnosticsOf(await this.call((done) => this.client.analyzeStack(request, done)));
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }

  private call<T>(start: (done: (error: grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
  }
}

/** The first line that a plugin writes is its port. */
async function portOf(child: ChildProcess): Promise<number> {
  const errors: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  return new Promise((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line)));
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the policy pack ended with code ${code}: ${errors.join("")}`)));
  });
}

function struct(props: Json): Struct {
  return Struct.fromJavaScript(props);
}

function providerOf(props: Json): proto.AnalyzerProviderResource {
  return new proto.AnalyzerProviderResource()
    .setType("pulumi:providers:aws")
    .setName("default")
    .setProperties(struct(props));
}

function defaultsOf(policy: proto.PolicyInfo): Json {
  const properties = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
  const defaults = Object.entries(properties).flatMap(([key, schema]) => {
    const value = typeof schema === "object" && schema !== null && "default" in schema ? schema.default : undefined;
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(defaults);
}

function diagnosticsOf(response: proto.AnalyzeResponse): Diagnostic[] {
  return response.getDiagnosticsList().map((d) => ({
    policy: d.getPolicyname(),
    level: policyLevels[d.getEnforcementlevel()] ?? "disabled",
    message: d.getMessage(),
  }));
}
