import { rmSync } from "node:fs";
import { type DriverRun, spansOf } from "../demo/driver";
import { Stand } from "../demo/stand";
import { judge } from "../demo/verdict";
import { underLoad } from "../demo/watchedRotation";
import { type AwsFault, AwsProxy, awsErrors } from "../faults/awsProxy";
import { disturbedStand } from "../safety/site";
import { asSuperuser } from "../sandbox/testing/superuser";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { ownProject, writeSettings } from "./ownProject";

const stack = "faults";

export const benchmark: Benchmark = {
  name: "faults",
  title: "All secrets rotated under load while something fails, and once more without the fault",
  timeoutSeconds: 420,
  usesStand: false,
  run,
};

interface Broken {
  readonly stand: Stand;
  readonly proxy: AwsProxy;
}
/** Breaks something. @returns what mends it */
type Fault = (broken: Broken) => Promise<() => unknown>;

const aws =
  (operation: string, fault: AwsFault): Fault =>
  async ({ proxy }) => {
    const active = proxy.fault({ operation }, fault);
    return () => active.end();
  };

/** Those of test/faults that could reach what the services live by. */
const faults: Readonly<Record<string, Fault>> = {
  "AWS throttles every new version": aws("PutSecretValue", awsErrors.throttled),
  "whether a version was written is unknown": aws("PutSecretValue", "loseAnswer"),
  "the move of AWSCURRENT gets a page of HTML": aws("UpdateSecretVersionStage", awsErrors.html),
  "whether AWSCURRENT has moved is unknown": aws("UpdateSecretVersionStage", "loseAnswer"),
  "the credentials expire before the rotation is stamped": aws("TagResource", awsErrors.expired),
  "External Secrets is stopped": async ({ stand }) => {
    const operator = stand.sandbox.part("external-secrets");
    operator.pause();
    return () => operator.resume();
  },
  "the driver's database role may not alter the others": async ({ stand }) => {
    await asSuperuser("REVOKE orders_a, orders_b, reports FROM rotator CASCADE", stand.sandbox.env);
    const admin = "TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE";
    return () => asSuperuser(`GRANT orders_a, orders_b, reports ${admin}`, stand.sandbox.env);
  },
};

async function run({ say, remark, signal }: BenchContext): Promise<Figure[]> {
  const project = ownProject();
  const settings = (more: object) =>
    writeSettings(project, stack, ({ "secret-rotation:secrets": secrets, ...rest }) => ({
      ...rest,
      ...more,
      "secret-rotation:secrets": secrets.map((secret) => ({ ...secret, syncTimeout: "5s" })),
    }));
  settings({});
  const stand = await Stand.start({ project, stack, signal, ...disturbedStand });
  const proxy = await AwsProxy.start(stand.sandbox.env.AWS_ENDPOINT_URL);
  try {
    settings({ "aws:endpoints": [{ secretsmanager: proxy.endpoint }], "aws:maxRetries": 2 });
    await stand.deploy();
    await stand.applyServices();
    await stand.rotated(["--type", "all"]);
    await stand.servicesReady();
    return await tryAll({ stand, proxy }, say, remark, signal);
  } finally {
    await proxy.stop();
    await stand.stop();
    rmSync(project, { recursive: true, force: true });
  }
}

async function tryAll(
  broken: Broken,
  say: BenchContext["say"],
  remark: BenchContext["remark"],
  signal: AbortSignal,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  let [survived, lost] = [0, 0];
  for (const [name, begin] of Object.entries(faults)) {
    const { failed, again, excused, unexpected, examples } = await tryOne(broken, begin, signal);
    const left = again.report.secrets.filter(({ error }) => error).length;
    say(`${name}: ${failed} secrets failed, ${unexpected} requests`);
    for (const { service, path, kind } of examples) remark(`${name}: failed: ${service} ${path}: ${kind}`);
    if (left === 0 && failed > 0 && unexpected === 0) survived += 1;
    lost += left;
    figures.push(none(`requests failed: ${name}`, unexpected));
    if (excused > 0)
      remark(`${name}: ${excused} logins to the single-user database refused until its rotation went on`);
  }
  const tried = figures.length;
  return [
    {
      what: "faults tried and survived",
      measured: `${survived} of ${tried}`,
      target: String(tried),
      met: survived === tried,
    },
    none("credentials lost", lost),
    ...figures,
  ];
}

/** One rotation with the fault, and what failed again without it, all of it under load. */
async function tryOne(broken: Broken, begin: Fault, signal: AbortSignal) {
  const { stand } = broken;
  const { load, result } = await underLoad(stand.load(), { before: 1, after: 3, signal }, async () => {
    const mend = await begin(broken);
    const failing = await stand.rotate(["--type", "all"]).finally(mend);
    // Not all: a signing key that has just been rotated would be rotated once more, while its services still sign with
    // the one before.
    const failed = failing.report.secrets.filter(({ error }) => error).map(({ secret }) => secret);
    return { failing, again: await stand.rotate(failed) };
  });
  const verdict = judge(stand.secrets, spansOfBoth(result), load);
  return {
    failed: result.failing.report.secrets.filter(({ error }) => error).length,
    again: result.again,
    excused: verdict.windows.reduce((sum, { count }) => sum + count, 0),
    unexpected: verdict.unexpectedCount,
    examples: verdict.unexpected.slice(0, 3),
  };
}

/** What a failed run has begun, the next one ends: to the judge both are one rotation. */
function spansOfBoth({ failing, again }: { failing: DriverRun; again: DriverRun }) {
  return [...spansOf(failing), ...spansOf(again)];
}
