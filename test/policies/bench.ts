import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import { atMost, type BenchContext, type Benchmark, type Figure } from "../bench/benchmark";
import { spread } from "../bench/statistics";
import { type Sandbox, startSandbox } from "../sandbox/sandbox";
import { packFolder } from "./analyzer";
import { InlineStack } from "./engine";
import { idlePack } from "./idlePack";

const sizes = [
  { secrets: 1000, runs: 2 },
  { secrets: 5000, runs: 1 },
] as const;
/** Milliseconds that the pack may add for each resource. */
const limitMs = 1;

export const benchmark: Benchmark = {
  name: "policyPack",
  title: "Time that the policy pack adds to the preview of a large stack",
  timeoutSeconds: 1800,
  usesStand: false,
  run,
};

const remarks = [
  "a preview of a new stack, a Secret and an ExternalSecret for each, by the Automation API; all policies but the one about",
  "alarms, which the stack has not, and no violation. Added: the fastest run less the fastest",
  "without a pack, the pack's start in it. For each resource the engine asks a pack twice, and a third time at the end: what",
  "that takes by itself is measured with a pack of one policy that returns at once",
];

/** Five thousand lines of advice would cost more than the judging: a stack in order has its alarms, and so none of them. */
const packConfig = {
  "rotation-alarms-present": { disabled: { reason: "the stack of the benchmark has no alarms", until: "2099-01-01" } },
};

/** What a preview is run with: nothing, a pack of one policy that returns at once, the pack. */
const variants = ["none", "idle", "pack"] as const;
type Variant = (typeof variants)[number];

interface Measured {
  readonly secrets: number;
  readonly resources: number;
  /** Seconds of each run. */
  readonly seconds: Readonly<Record<Variant, readonly number[]>>;
}

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const sandbox = await startSandbox();
  // The SDK notes for each of its promises where it was made, which takes half of the program's time: without the pack too.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const measured: Measured[] = [];
    for (const { secrets, runs } of sizes) measured.push(await measure(sandbox, secrets, runs, say, signal));
    for (const line of remarks) remark(line);
    return [...measured.flatMap(figuresOf), ...growthOf(measured)];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    await sandbox.stop();
  }
}

async function measure(
  sandbox: Sandbox,
  secrets: number,
  runs: number,
  say: BenchContext["say"],
  signal: AbortSignal,
): Promise<Measured> {
  const stack = await InlineStack.create(sandbox, `policies-bench-${secrets}`, "prod", async () => declare(secrets));
  const packs = { none: null, idle: idlePack(sandbox.dir), pack: packFolder };
  const seconds: Record<Variant, number[]> = { none: [], idle: [], pack: [] };
  for (let i = 1; i <= runs; i++) {
    for (const variant of variants) {
      signal.throwIfAborted();
      seconds[variant].push(await previewSeconds(stack, packs[variant]));
    }
    const last = variants.map((variant) => `${seconds[variant].at(-1)?.toFixed(1)} s`);
    say(`${secrets} secrets, run ${i}: ${last[0]} without a pack, ${last[1]} with an idle one, ${last[2]} with it`);
  }
  return { secrets, resources: 2 * secrets + 2, seconds };
}

async function previewSeconds(stack: InlineStack, pack: string | null): Promise<number> {
  const startedMs = performance.now();
  const { failed, output } = await stack.run("preview", pack === packFolder ? packConfig : {}, { pack });
  const endedMs = performance.now();
  if (failed) throw new Error(`the preview failed: ${output.slice(-2000)}`);
  return (endedMs - startedMs) / 1000;
}

/** The stack itself, a store, and for each secret what infra/ declares. */
function declare(secrets: number): void {
  const at = new Date().toISOString();
  const namespace = "bench";
  new k8s.apiextensions.CustomResource("store", {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: "secret-rotation", namespace },
    spec: { provider: { aws: { service: "SecretsManager", region: "eu-west-1" } } },
  });
  for (let i = 0; i < secrets; i++) {
    const secret = new aws.secretsmanager.Secret(`bench/s${i}`, {
      name: `prod/bench/s${i}`,
      kmsKeyId: "alias/bench",
      recoveryWindowInDays: 30,
      tags: {
        "managed-by": "secret-rotation",
        environment: "prod",
        kind: "app",
        strategy: "simple",
        "max-age-days": "90",
        "created-at": at,
        "rotated-at": at,
      },
    });
    new k8s.apiextensions.CustomResource(`bench/s${i}`, {
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { name: `s${i}`, namespace },
      spec: {
        refreshInterval: "5m0s",
        secretStoreRef: { name: "secret-rotation", kind: "SecretStore" },
        target: { name: `s${i}`, creationPolicy: "Owner", deletionPolicy: "Retain" },
        data: [{ secretKey: "KEY", remoteRef: { key: secret.arn } }],
      },
    });
  }
}

function figuresOf(measured: Measured): Figure[] {
  const { secrets, resources, seconds } = measured;
  const perResource = (variant: Variant) => (added(measured, variant) * 1000) / resources;
  return [
    { what: `${secrets} secrets, ${resources} resources: without a pack`, measured: spread(seconds.none, "s") },
    { what: "  with the pack", measured: spread(seconds.pack, "s") },
    atMost("  the pack adds for each resource", perResource("pack"), limitMs, "ms"),
    inMs("    of it Pulumi's own: an idle pack adds", perResource("idle")),
  ];
}

/** What each resource between the two sizes adds, so without the start. */
function growthOf([small, large]: readonly Measured[]): Figure[] {
  if (!small || !large) return [];
  const more = (variant: Variant) =>
    ((added(large, variant) - added(small, variant)) * 1000) / (large.resources - small.resources);
  return [
    atMost("growth: each further resource adds with the pack", more("pack"), limitMs, "ms"),
    inMs("    of it Pulumi's own: with an idle pack", more("idle")),
  ];
}

/** By the fastest runs: what else the machine does only ever adds, and to a difference of two times it adds twice. */
function added({ seconds }: Measured, variant: Variant): number {
  return Math.min(...seconds[variant]) - Math.min(...seconds.none);
}

function inMs(what: string, ms: number): Figure {
  return { what, measured: `${ms.toFixed(2)} ms` };
}
