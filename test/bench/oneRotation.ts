import { type Step, steps } from "../../rotation/steps";
import { type Command, succeed } from "../demo/command";
import { type DriverRun, driverCommand, spansOf } from "../demo/driver";
import type { Stand } from "../demo/stand";
import { atMost, type BenchContext, type Benchmark, type Figure } from "./benchmark";
import { median, spread } from "./statistics";

const secret = "shop/orders-db";
const runs = 5;
const limitSeconds = 1.2;
const wholeSeconds = 3.3;

export const benchmark: Benchmark = {
  name: "oneRotation",
  title: `One rotation of ${secret}, without load`,
  timeoutSeconds: 300,
  usesStand: true,
  run,
};

/** These wait for AWS, PostgreSQL, External Secrets or Kubernetes; `settle` is the engine's second update. */
const elsewhere = steps.filter((step) => step !== "settle");

async function run({ stand: shared, say, remark }: BenchContext): Promise<Figure[]> {
  const stand = await shared();
  const done: Timed[] = [];
  for (let i = 1; i <= runs; i++) {
    const timed = timedRun(await stand.rotated([secret]));
    done.push(timed);
    say(`rotation ${i}: ${timed.total.toFixed(1)} s, of which ours ${timed.ours.toFixed(1)} s`);
  }
  const npm = await npmSeconds(stand);
  remark(
    `ours = whole command - (${elsewhere.join(" + ")}), from the start of the process to its end, by the driver's own times`,
  );
  remark(
    "of its --json. It holds Node's start, loading, the engine in both updates (all of settle), reading the state.",
  );
  remark("ours until verified: the same until the line that says that settle begins, without the policies' preview.");
  remark("Not in any: npm itself");
  const of = (value: (timed: Timed) => number) => done.map(value);
  return [
    atMost(
      "ours and the engine's, until verified",
      median(of(({ oursUntilVerified }) => oursUntilVerified)),
      limitSeconds,
      "s",
      spread(
        of(({ oursUntilVerified }) => oursUntilVerified),
        "s",
      ),
    ),
    {
      what: "beside it: what was waited for the policies when the checks had ended",
      measured: spread(
        of(({ policies }) => policies),
        "s",
      ),
    },
    {
      what: "ours and the engine's, the whole command with the policies",
      measured: spread(
        of(({ ours }) => ours),
        "s",
      ),
    },
    {
      what: "start of the command to the verified rollout",
      measured: spread(
        of(({ untilVerified }) => untilVerified),
        "s",
      ),
    },
    atMost(
      "the whole command",
      median(of(({ total }) => total)),
      wholeSeconds,
      "s",
      spread(
        of(({ total }) => total),
        "s",
      ),
    ),
    ...steps.map((step) => ({
      what: `  step ${step}`,
      measured: spread(
        of(({ seconds }) => seconds[step] ?? 0),
        "s",
      ),
    })),
    ...phaseNames.map((name) => ({
      what: `  ours: ${name}`,
      measured: spread(
        of(({ phases }) => phases[name]),
        "s",
      ),
    })),
    { what: "npm run, before the command starts", measured: `${npm.toFixed(2)} s` },
  ];
}

const phaseNames = [
  "until the check begins",
  "from the check to the new version",
  "between the steps",
  "from the rollout to verify",
  "settle",
  "from settle to the end",
] as const;
type Phases = Readonly<Record<(typeof phaseNames)[number], number>>;

/** Where the time goes that no step takes. */
function phasesOf(run: DriverRun, others: number): Phases {
  const spans = new Map(spansOf(run).map((span) => [span.step, span]));
  const at = (step: Step, which: "startMs" | "endMs") => spans.get(step)?.[which] ?? Number.NaN;
  const gap = (fromMs: number, toMs: number) => (toMs - fromMs) / 1000;
  const phases = {
    "until the check begins": gap(run.startedMs, at("check", "startMs")),
    "from the check to the new version": gap(at("check", "endMs"), at("create", "startMs")),
    "from the rollout to verify": gap(at("rollout", "endMs"), at("verify", "startMs")),
    settle: gap(at("settle", "startMs"), at("settle", "endMs")),
    "from settle to the end": gap(at("settle", "endMs"), run.endedMs),
  };
  const known = Object.values(phases).reduce((sum, value) => sum + value, 0);
  return { ...phases, "between the steps": gap(run.startedMs, run.endedMs) - others - known };
}

interface Timed {
  readonly phases: Phases;
  readonly seconds: Readonly<Partial<Record<Step, number>>>;
  /** Seconds from the start of the process. */
  readonly untilVerified: number;
  readonly total: number;
  readonly ours: number;
  /** Without the policies. */
  readonly oursUntilVerified: number;
  readonly policies: number;
}

function timedRun(run: DriverRun): Timed {
  const { startedMs, endedMs, marks, report } = run;
  const seconds = report.secrets[0]?.seconds ?? {};
  const settle = marks.find(({ step }) => step === "settle");
  if (!settle) throw new Error("the driver has not said when it settles");
  const total = (endedMs - startedMs) / 1000;
  const untilVerified = (settle.atMs - startedMs) / 1000;
  const others = elsewhere.reduce((sum, step) => sum + (seconds[step] ?? 0), 0);
  const policies = report.policySeconds ?? 0;
  return {
    phases: phasesOf(run, others),
    seconds,
    untilVerified,
    total,
    ours: total - others,
    oursUntilVerified: untilVerified - others - policies,
    policies,
  };
}

/** What `npm run` adds to a command: its help with and without. */
async function npmSeconds({ project, sandbox }: Stand): Promise<number> {
  const { env } = sandbox;
  const time = async (command: Pick<Command, "command" | "args" | "cwd">) => {
    const { startedMs, endedMs } = await succeed({ ...command, env });
    return (endedMs - startedMs) / 1000;
  };
  const bare = await time(driverCommand(project, ["--help"]));
  return (await time({ command: "npm", args: ["run", "--silent", "rotation", "--", "--help"], cwd: project })) - bare;
}
