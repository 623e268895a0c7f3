import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import pLimit from "p-limit";
import { type Sandbox, startSandbox } from "../sandbox/sandbox";
import { atMost, type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { Fleet, type FleetOptions, type FleetRun } from "./fleet/stack";
import { megabytes } from "./memory";
import { median, spread } from "./statistics";

/** Of the smallest stack, one in between, and the largest. */
const sizes = (process.env.FLEET_SIZES ?? "5,100,500").split(",").map(Number);
const runs = 5;
const slow = { size: Number(process.env.FLEET_SLOW ?? 100), perWorkload: 10, rolloutSeconds: 20 };

export const benchmark: Benchmark = {
  name: "fleet",
  title: `One secret, and all, of stacks of ${sizes.join(", ")} secrets (FLEET_SIZES=…), ten to a workload`,
  timeoutSeconds: 5400,
  usesStand: false,
  byNameOnly: "half an hour",
  run,
};

async function run({ say, remark, signal }: BenchContext): Promise<Figure[]> {
  const sandbox = await startSandbox({ signal });
  try {
    const fleets: Fleet[] = [];
    for (const size of sizes) fleets.push(await made(say, { sandbox, signal, name: `fleet${size}`, size }));
    const figures = [
      ...(await oneOfEach(fleets, say)),
      ...(await allOfEach(fleets, sandbox, say)),
      { what: "moto alone: GetSecretValue", measured: `${(await ceiling(sandbox, fleets[0])).toFixed(0)} requests/s` },
      ...(await slowRollouts(sandbox, signal, say)),
      ...(await inBucket(sandbox, signal, say)),
    ];
    for (const fleet of fleets) fleet.remove();
    remark("whole commands, with a stack of their own each, without policies; one secret: median of five, in turn");
    remark(
      "memory: the driver's process and the largest that it starts, at their peaks; requests: as moto has logged them",
    );
    return figures;
  } finally {
    await sandbox.stop();
  }
}

async function made(say: BenchContext["say"], options: FleetOptions): Promise<Fleet> {
  say(`making the stack ${options.name}`);
  return Fleet.populated(options);
}

const secondsOf = ({ startedMs, endedMs }: FleetRun) => (endedMs - startedMs) / 1000;
const cpuOf = ({ usage }: FleetRun) => usage.driver.cpuSeconds + usage.engine.cpuSeconds;

/** In turn, so that whatever else the machine does meets all. */
async function oneOfEach(fleets: readonly Fleet[], say: BenchContext["say"]): Promise<Figure[]> {
  const done = new Map<Fleet, FleetRun[]>(fleets.map((fleet) => [fleet, []]));
  for (let i = 0; i < runs; i++) {
    for (const fleet of fleets) done.get(fleet)?.push(await fleet.rotate(["s1"]));
    say(`one secret, run ${i + 1}: ${fleets.map((fleet) => secondsOf(last(done.get(fleet))).toFixed(1)).join(", ")} s`);
  }
  const [small, large] = [fleets[0], fleets.at(-1)].map((fleet) => fleet && done.get(fleet));
  const ratio = (of: (run: FleetRun) => number) => median(large?.map(of) ?? []) / median(small?.map(of) ?? []);
  return [
    atMost(`one secret: of ${sizes.at(-1)} compared with of ${sizes[0]}`, ratio(secondsOf), 1.3, "×"),
    { what: "the same by CPU time", measured: `${ratio(cpuOf).toFixed(2)} ×` },
    ...fleets.map((fleet) => ({
      what: `one secret of ${fleet.size}`,
      measured: spread((done.get(fleet) ?? []).map(secondsOf), "s"),
    })),
  ];
}

async function allOfEach(fleets: readonly Fleet[], sandbox: Sandbox, say: BenchContext["say"]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const seconds: number[] = [];
  for (const fleet of fleets) {
    const before = requests(sandbox);
    const done = await fleet.rotate(["--all"], { mayFail: true });
    const asked = requests(sandbox) - before;
    const { driver, engine } = done.usage;
    const failed = done.report.secrets.filter(({ error }) => error).length;
    const took = secondsOf(done);
    seconds.push(took);
    say(`all ${fleet.size}: ${took.toFixed(1)} s, ${failed} failed`);
    const memory = megabytes(driver.bytes + engine.bytes);
    const rate = fleet.size / took;
    const isLargest = fleet === fleets.at(-1);
    figures.push(
      {
        what: `all ${fleet.size}`,
        measured: `${took.toFixed(1)} s, CPU: driver ${driver.cpuSeconds.toFixed(1)} s, engine ${engine.cpuSeconds.toFixed(1)} s`,
      },
      none(`all ${fleet.size}: failed`, failed),
      {
        what: `all ${fleet.size}: rotations/s`,
        measured: rate.toFixed(1),
        ...(isLargest && { target: "at least 4", met: rate >= 4 }),
      },
      { what: `all ${fleet.size}: requests to AWS per rotation`, measured: (asked / fleet.size).toFixed(1) },
      isLargest
        ? atMost(`all ${fleet.size}: memory of driver and engine`, memory, 1500, "MB")
        : { what: `all ${fleet.size}: memory of driver and engine`, measured: `${memory.toFixed(0)} MB` },
      {
        what: `all ${fleet.size}: longest from set to the begin of the rollout, without the sync`,
        measured: `${waitOf(done).toFixed(1)} s`,
      },
    );
  }
  const [middle, largest] = [seconds.at(-2), seconds.at(-1)];
  if (middle !== undefined && largest !== undefined) {
    figures.push(atMost(`growth from ${sizes.at(-2)} to ${sizes.at(-1)}`, largest / middle, 6, "×"));
  }
  return figures;
}

/** Seconds between `set` and the begin of the rollout beyond its own sync, of the secret that waited longest. */
function waitOf({ report }: FleetRun): number {
  return Math.max(
    ...report.secrets.flatMap(({ starts = {}, seconds }) =>
      starts.set === undefined || starts.rollout === undefined
        ? []
        : [starts.rollout - starts.set - (seconds.sync ?? 0)],
    ),
  );
}

/** Requests a second that moto answers to one program that asks for nothing else. */
async function ceiling({ env }: Sandbox, fleet: Fleet | undefined): Promise<number> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new SecretsManagerClient({ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials });
  const SecretId = `fleet${fleet?.size}/s1`;
  const [limit, count, start] = [pLimit(16), 500, performance.now()];
  const ask = () => client.send(new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" }));
  await Promise.all(Array.from({ length: count }, () => limit(ask)));
  client.destroy();
  return (count * 1000) / (performance.now() - start);
}

async function slowRollouts(sandbox: Sandbox, signal: AbortSignal, say: BenchContext["say"]): Promise<Figure[]> {
  const { size, perWorkload, rolloutSeconds } = slow;
  // Two replicas, one after the other.
  const more = { minReadySeconds: rolloutSeconds / 2, secretsPerWorkload: perWorkload };
  const fleet = await made(say, { sandbox, signal, name: "slow", size, ...more });
  const done = await fleet.rotate(["--all"]);
  fleet.remove();
  const what = `${size} secrets with rollouts of ${rolloutSeconds} s`;
  return [
    atMost(`${what}: longest from set to the begin of the rollout, without the sync`, waitOf(done), 5, "s"),
    { what: `${what}: all`, measured: `${secondsOf(done).toFixed(1)} s` },
  ];
}

async function inBucket(sandbox: Sandbox, signal: AbortSignal, say: BenchContext["say"]): Promise<Figure[]> {
  const {
    AWS_ENDPOINT_URL: endpoint = "",
    AWS_REGION: region = "",
    AWS_ACCESS_KEY_ID = "",
    AWS_SECRET_ACCESS_KEY = "",
  } = sandbox.env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Bucket = "fleet-state";
  await s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } }),
  );
  s3.destroy();
  const backend = `s3://${Bucket}?region=${region}&endpoint=${endpoint}&s3ForcePathStyle=true`;
  const fleet = await made(say, { sandbox, signal, name: "bucket", size: 5, backend });
  const before = requests(sandbox, Bucket);
  await fleet.rotate(["s1"]);
  const asked = requests(sandbox, Bucket) - before;
  fleet.remove();
  return [atMost("state in a bucket: requests to it for one secret", asked, 12, "")];
}

/** What moto has answered so far. @param path  a part of it */
function requests({ dir }: Sandbox, path = ""): number {
  const lines = readFileSync(join(dir, "logs", "moto.log"), "utf8").split("\n");
  return lines.filter((line) => / HTTP\/1/.test(line) && line.includes(path)).length;
}

function last<T>(items: readonly T[] | undefined): T {
  const item = items?.at(-1);
  if (item === undefined) throw new Error("there is none");
  return item;
}
