import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import { atMost, type BenchContext, type Benchmark, type Figure } from "../bench/benchmark";
import { median, spread } from "../bench/statistics";
import { type Sandbox, startSandbox } from "../sandbox/sandbox";
import { InlineStack } from "./engine";

const sizes = [
  { secrets: 1000, runs: 3 },
  { secrets: 5000, runs: 2 },
] as const;
/** Milliseconds that the pack may add for each resource. */
const limitMs = 1;

export const benchmark: Benchmark = {
  name: "policyPack",
  title: "Time that the policy pack adds to the preview of a large stack",
  timeoutSeconds: 900,
  usesStand: false,
  run,
};

interface Measured {
  readonly resources: number;
  readonly without: readonly number[];
  readonly added: readonly number[];
}

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const sandbox = await startSandbox();
  try {
    const measured: Measured[] = [];
    for (const { secrets, runs } of sizes) measured.push(await measure(sandbox, secrets, runs, say, signal));
    remark(
      "a preview of a new stack, a Secret and an ExternalSecret for each, by the Automation API; all policies, no violation",
    );
    remark(
      "but the advice that alarms are missing, which the engine prints for each secret. Added: with the pack, less without,",
    );
    remark("in turn; its start is in it. Growth: what each resource between the two sizes adds, so without its start");
    return [...sizes.flatMap(({ secrets }, i) => figuresOf(secrets, measured[i])), growthOf(measured)];
  } finally {
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
  const without: number[] = [];
  const added: number[] = [];
  for (let i = 1; i <= runs; i++) {
    signal.throwIfAborted();
    const bare = await seconds(stack, false);
    const judged = await seconds(stack, true);
    without.push(bare);
    added.push(judged - bare);
    say(`${secrets} secrets, run ${i}: ${bare.toFixed(1)} s without the pack, ${judged.toFixed(1)} s with it`);
  }
  return { resources: 2 * secrets + 2, without, added };
}

async function seconds(stack: InlineStack, withPack: boolean): Promise<number> {
  const startedMs = performance.now();
  const { failed, output } = await stack.run("preview", {}, { withPack });
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

function figuresOf(secrets: number, measured: Measured | undefined): Figure[] {
  if (!measured) return [];
  const { resources, without, added } = measured;
  const perResource = (median(added) * 1000) / resources;
  return [
    { what: `${secrets} secrets, ${resources} resources: without the pack`, measured: spread(without, "s") },
    { what: "  the pack adds", measured: spread(added, "s") },
    atMost("  for each resource", perResource, limitMs, "ms"),
  ];
}

function growthOf([small, large]: readonly Measured[]): Figure {
  if (!small || !large) return { what: "growth", measured: "not measured" };
  const more = ((median(large.added) - median(small.added)) * 1000) / (large.resources - small.resources);
  return atMost("growth: each further resource adds", more, limitMs, "ms");
}
