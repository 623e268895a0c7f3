import assert from "node:assert/strict";
import type { Phase } from "../../../policies/rules/phases";
import type { Found } from "../../../rotation/plan/found";
import { phaseUnderWay } from "../../../rotation/plan/planPhase";
import { planRotation } from "../../../rotation/plan/planRotation";
import type { SecretsManager } from "../../../rotation/ports/secretsManager";
import { simple } from "../../../rotation/rotators/app/simple";
import type { Phasing, RotationStrategy } from "../../../rotation/rotators/protocol";
import { stampOf } from "../../../rotation/run/endings";
import { context } from "../context";

const long = "x".repeat(40);
/** A value that says which phase it is of. */
const phased: Required<Pick<RotationStrategy, "phasing">> = {
  phasing: {
    of: () => ["prepare", "activate", "retire"],
    waitSeconds: (_, done) => (done === "prepare" ? 3600 : 7200),
    phaseIn: (_, value) => value.split(" ")[0] as Phase,
    advance: {
      activate: async (_, current) => current.replace("prepare", "activate"),
      retire: async (_, current) => current.replace("activate", "retire"),
    },
  },
};
const strategy: RotationStrategy = {
  ...simple,
  ...phased,
  create: async ({ emergency }, current) => (current === undefined || emergency ? `retire ${long}` : `prepare ${long}`),
};

const now = new Date("2026-01-01T12:00:00Z");
const inHours = (hours: number) => new Date(now.getTime() + hours * 3600_000).toISOString();

interface Case {
  /** The value of AWSCURRENT, which is version v2. */
  readonly current?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly recordedId?: string;
  /** What the stack's state says of an older credential. */
  readonly recordedPending?: boolean;
  readonly emergency?: boolean;
  readonly more?: Partial<Phasing>;
}

function found(of: Case): Found {
  const { current, tags = {}, recordedId = "v2", recordedPending = false, emergency = false, more = {} } = of;
  const stages: Record<string, string[]> = current ? { v2: ["AWSCURRENT"], v1: ["AWSPREVIOUS"] } : {};
  const live = {
    arn: "arn",
    createdAt: undefined,
    deletedAt: undefined,
    tags: { "rotated-version": "v2", ...tags },
    stages,
  };
  const secretsManager: Pick<SecretsManager, "describe" | "value" | "createdAt"> = {
    describe: async () => live,
    value: async (_, id) => (id === "v2" ? current : `retire ${long}`),
    createdAt: async () => now,
  };
  const version = { counter: 2, id: recordedId };
  const recorded = { version, stampedVersion: recordedId, retirePending: recordedPending, told: () => true };
  const ofSecret = context({}, { secretsManager: secretsManager as SecretsManager, clock: { now: () => now } });
  return {
    context: { ...ofSecret, emergency, rotatedAt: new Date("2025-12-01T00:00:00Z") },
    strategy: { ...strategy, phasing: { ...phased.phasing, ...more } },
    live,
    recorded: recorded as unknown as Found["recorded"],
    workloads: new Map(),
  };
}

async function planned(of: Case) {
  const plan = await planRotation(found(of));
  return plan && [plan.mode, plan.phase, (await plan.newValue?.())?.split(" ")[0]];
}

const stamped = (phase: Phase, hours: number) => ({ phase, "phase-until": inHours(hours), "retire-pending": "true" });

describe("the plan of a rotation of several phases", () => {
  it("a first value, and an emergency, go through all at once", async () => {
    assert.deepEqual(await planned({}), ["new", undefined, "retire"]);
    for (const phase of ["prepare", "activate", "retire"]) {
      assert.deepEqual(await planned({ current: `${phase} ${long}`, emergency: true }), ["new", undefined, "retire"]);
    }
  });

  it("begins by making the next credential known, and goes on by one phase at a time", async () => {
    assert.deepEqual(await planned({ current: `retire ${long}` }), ["prepare", "prepare", "prepare"]);
    const past = (phase: Phase): Case => ({ current: `${phase} ${long}`, tags: stamped(phase, -1) });
    assert.deepEqual(await planned(past("prepare")), ["new", "activate", "activate"]);
    assert.deepEqual(await planned(past("activate")), ["retire", "retire", "retire"]);
  });

  it("changes nothing before its time, and says until when", async () => {
    for (const [phase, text] of [
      ["prepare", `the next credential is known everywhere, and is used from ${inHours(1)} on`],
      ["activate", `the older credential stays valid until ${inHours(1)}, and is retired after that`],
    ] as const) {
      const waits = found({ current: `${phase} ${long}`, tags: stamped(phase, 1) });
      assert.equal(await planRotation(waits), undefined);
      assert.deepEqual(waits.context.findings.facts, [text]);
    }
  });

  it("goes by the value where the tags say something else, and waits from when that was written", async () => {
    const lost = (phase: Phase, tags: Case["tags"] = {}) => planned({ current: `${phase} ${long}`, tags });
    assert.equal(await lost("prepare"), undefined);
    assert.equal(await lost("prepare", stamped("activate", -1)), undefined);
    assert.deepEqual(await lost("retire", stamped("activate", -1)), ["prepare", "prepare", "prepare"]);
  });

  it("waits on where something is against it, and says what", async () => {
    const heldUpBy = async () => "who lives by the older one is to be moved first";
    const held = found({ current: `prepare ${long}`, tags: stamped("prepare", -1), more: { heldUpBy } });
    assert.equal(await planRotation(held), undefined);
    assert.deepEqual(held.context.findings.warnings, [await heldUpBy()]);
  });

  it("refuses to go on with a version that the stack has not brought to the consumers", async () => {
    const past = stamped("prepare", -1);
    // One that went through all gates is known, whatever became of another one since.
    const pending: Case = { current: `prepare ${long}`, tags: past, recordedId: "v3" };
    assert.deepEqual(await planned(pending), ["new", "activate", "activate"]);
    const moved = found({
      ...pending,
      tags: { ...past, "rotated-version": "v1" },
      more: { waitSeconds: () => 0 },
    });
    await assert.rejects(planRotation(moved), {
      code: "LABEL_CONFLICT",
      message: /nothing is activated|someone else moved it/,
    });
  });

  it("a phase without a value of its own writes none", async () => {
    const plan = await planRotation(
      found({ current: `activate ${long}`, tags: stamped("activate", -1), more: { advance: {} } }),
    );
    assert.deepEqual(
      [plan?.mode, plan?.phase, plan?.newValue, plan?.newVersionId],
      ["retire", "retire", undefined, "v2"],
    );
  });

  it("a retirement that AWS has on its tags, and the stack has not, is settled, and nothing new begins", async () => {
    const byTags: Case["more"] = { of: () => ["activate", "retire"], phaseIn: () => undefined, advance: {} };
    const stampedOnly: Case = { current: `one ${long}`, tags: { phase: "retire" }, more: byTags };
    assert.deepEqual(await planned({ ...stampedOnly, recordedPending: true }), ["retire", "retire", undefined]);
    assert.deepEqual(await planned(stampedOnly), ["new", "activate", "prepare"]);
    const byHand: Case = { ...stampedOnly, recordedPending: true, recordedId: "v1" };
    assert.deepEqual(await planned(byHand), ["new", "activate", "prepare"], "somebody has rotated it since");
  });

  it("tells the phase of a version that was interrupted: by `retire` what it leaves out is still to be refused", () => {
    const under = (phase: Phase, tags: Case["tags"] = {}, id = "v3") =>
      phaseUnderWay(found({ current: long, tags }), id, `${phase} ${long}`);
    assert.equal(under("prepare"), "prepare");
    assert.equal(under("activate", stamped("prepare", -1)), "activate");
    assert.equal(under("retire", stamped("activate", -1)), "retire");
    assert.equal(under("retire", { phase: "retire" }, "v2"), "retire", "it was stamped, and not settled");
    assert.equal(under("retire"), undefined, "a first value");
    assert.equal(under("retire", stamped("prepare", 1)), undefined, "one that somebody went back to");
  });

  it("is stamped with what its value has come to; a secret is as old as the credential that its consumers use", async () => {
    const stampFor = async (of: Case, phase: Phase) => {
      const plan = await planRotation(found(of));
      assert.ok(plan);
      const entry = {
        plan,
        versionId: "v3",
        setAt: undefined,
        stamp: undefined,
        left: new Set<string>(),
        error: undefined,
      };
      const { rotatedAt, phase: facts } = stampOf({ ...entry, phase }, "run", now);
      return [rotatedAt.slice(0, 10), facts?.done, facts?.until?.toISOString(), facts?.retirePending];
    };
    assert.deepEqual(await stampFor({ current: `retire ${long}` }, "prepare"), [
      ...["2025-12-01", "prepare", inHours(1), true],
    ]);
    assert.deepEqual(await stampFor({ current: `prepare ${long}`, tags: stamped("prepare", -1) }, "activate"), [
      ...["2026-01-01", "activate", inHours(2), true],
    ]);
    const last: Case = { current: `activate ${long}`, tags: stamped("activate", -1) };
    assert.deepEqual(await stampFor(last, "retire"), ["2025-12-01", "retire", undefined, false]);
    assert.deepEqual(await stampFor({ ...last, emergency: true }, "retire"), [
      "2026-01-01",
      "retire",
      undefined,
      false,
    ]);
  });
});
