import assert from "node:assert/strict";
import { emergencyStage, placeholder } from "../../../infra/names";
import { planRollback } from "../../../rotation/plan/planRollback";
import { planRotation } from "../../../rotation/plan/planRotation";
import type { SecretsManager } from "../../../rotation/ports/secretsManager";
import { simple } from "../../../rotation/rotators/app/simple";
import { singleUser } from "../../../rotation/rotators/database/singleUser";
import { simpleOverlap } from "../../../rotation/rotators/jwt/simpleOverlap";
import type { Phasing, RotationStrategy } from "../../../rotation/rotators/protocol";
import type { RecordedSecret } from "../../../rotation/stack/recordedStack";
import { context } from "../context";

/** A version: its value, and its staging labels by their first letters (Current, Pending, pRevious, Emergency). */
type Versions = Readonly<Record<string, readonly [value: string, labels: string]>>;

const labels = { C: "AWSCURRENT", P: "AWSPENDING", R: "AWSPREVIOUS", E: emergencyStage } as const;
const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(48)) as [string, string, string];
const keys = (current: string, previous: string) => JSON.stringify({ current, previous });

/** What is found of a secret whose version `v2` the stack has recorded; `v1` went through all gates. */
function found(versions: Versions, { strategy = simple, told = false, emergency = false } = {}) {
  const stages = Object.fromEntries(
    Object.entries(versions).map(([id, [, some]]) => [id, [...some].map((l) => labels[l as keyof typeof labels])]),
  );
  const live = { arn: "arn", createdAt: undefined, deletedAt: undefined, tags: { "rotated-version": "v1" }, stages };
  const secretsManager: Pick<SecretsManager, "describe" | "value" | "createdAt"> = {
    describe: async () => live,
    value: async (_, id) => versions[id]?.[0],
    createdAt: async () => undefined,
  };
  const recorded: RecordedSecret = {
    provisioned: true,
    arn: "arn:shop/key",
    version: { counter: 2, id: "v2" },
    rotation: false,
    stampedVersion: "v1",
    retirePending: false,
    unreleased: [],
    workloads: [],
    annotated: [],
    pending: false,
    cutOff: false,
    objects: {
      namespaces: [],
      versionIn: () => undefined,
      fieldManagerIn: () => undefined,
      fieldManagerOf: () => undefined,
      restartOf: () => undefined,
    },
    told: (id) => told && id === "v2",
    reached: () => false,
  };
  const ofSecret = context({}, { secretsManager: secretsManager as SecretsManager });
  return { context: { ...ofSecret, emergency }, strategy, live, recorded, workloads: new Map() };
}
const planned = async (...args: Parameters<typeof found>) => {
  const plan = await planRotation(found(...args));
  assert.ok(plan);
  const { mode, oldVersionId, counter } = plan;
  return [mode, oldVersionId, counter];
};
const unchecked = (strategy: RotationStrategy) => ({ ...strategy, check: async () => undefined });
const taken: RotationStrategy = {
  ...simple,
  flaw: () => undefined,
  accepts: async (_, value) => value === b,
};

describe("the plan of a rotation", () => {
  it("goes on with a version that is pending, or current without its stamp", async () => {
    assert.deepEqual(await planned({ v1: [a, "C"], v2: [b, "P"] }), ["resume", "v1", 2]);
    assert.deepEqual(await planned({ v1: [a, "R"], v2: [b, "CP"] }, { told: true }), ["resume", "v2", 2]);
  });

  it("makes a new value in place of a pending one that can never pass", async () => {
    assert.deepEqual(await planned({ v1: [a, "C"], v2: [a, "P"] }), ["new", "v1", 3]);
    assert.deepEqual(await planned({ v1: [a, "C"], v2: ["short", "P"] }), ["new", "v1", 3]);
    for (const strategy of [simple, simpleOverlap, singleUser]) {
      assert.deepEqual(await planned({ v1: [a, "R"], v2: [placeholder, "CP"] }, { strategy: unchecked(strategy) }), [
        ...["new", "v2", 3],
      ]);
    }
    // The key that signs now was put there by hand, after the pending one had been made.
    const byHand = { v1: [keys(a, a), "R"], v2: [keys(b, a), "P"], v3: [keys(c, a), "C"] } as const;
    assert.deepEqual(await planned(byHand, { strategy: simpleOverlap }), ["new", "v3", 3]);
  });

  it("goes on with a pending value that its target may have taken, whatever AWSCURRENT is", async () => {
    assert.deepEqual(await planned({ v3: [c, "C"], v2: [b, "P"] }, { strategy: taken }), ["resume", "v3", 2]);
  });

  it("makes a new value when AWSCURRENT was taken from the recorded version by hand", async () => {
    assert.deepEqual(await planned({ v1: [a, "C"], v2: [b, "PR"] }), ["new", "v1", 3]);
    // Twice by hand: no label tells it any more, but Kubernetes had it.
    assert.deepEqual(await planned({ v3: [c, "C"], v1: [a, "R"], v2: [b, "P"] }, { told: true }), ["new", "v3", 3]);
  });

  it("goes on with an emergency whatever was done to its labels by hand: what it was to retire is valid still", async () => {
    const emergency = true;
    assert.deepEqual(await planned({ v1: [a, "C"], v2: [b, "PRE"] }, { emergency }), ["resume", "v1", 2]);
    assert.deepEqual(await planned({ v1: [a, "C"], v2: [b, "PRE"] }, { emergency, told: true }), ["new", "v1", 3]);
  });

  it("loses no value that the target lives by: it becomes current before the new one is made", async () => {
    const moved = { v1: [a, "C"], v2: [b, "PR"] } as const;
    assert.deepEqual(await planned(moved, { strategy: taken }), ["new", "v2", 3]);
    // Where the target takes both, who moved AWSCURRENT meant it.
    assert.deepEqual(await planned(moved, { strategy: { ...taken, accepts: async () => true } }), ["new", "v1", 3]);
  });

  it("brings a forgotten value through where the target keeps two: it makes no third one", async () => {
    const phasing: Phasing = { of: () => ["activate", "retire"], waitSeconds: () => 0, advance: {} };
    const strategy: RotationStrategy = {
      ...taken,
      overlap: "two-live",
      phasing,
      create: () => assert.fail("a third one"),
    };
    const plan = await planRotation(found({ v1: [a, "C"], v9: [b, "P"] }, { strategy }));
    assert.deepEqual([plan?.mode, plan?.oldVersionId, await plan?.newValue?.()], ["new", "v1", b]);
  });
});

describe("the plan of a rollback", () => {
  const older = "00000000-0000-4000-8000-000000000000";
  const refused = (versions: Versions, strategy: RotationStrategy, code: string) =>
    assert.rejects(planRollback(found(versions, { strategy }), older), { code, step: "check" });

  it("refuses a value that is current already", async () => {
    await refused({ [older]: [a, ""], v1: [a, "C"] }, simple, "NOTHING_TO_ROLL_BACK");
    await refused({ [older]: [keys(a, c), ""], v1: [keys(a, b), "C"] }, simpleOverlap, "NOTHING_TO_ROLL_BACK");
  });

  it("refuses a value that no rotation could make current", async () => {
    await refused({ [older]: ["short", ""], v1: [a, "C"] }, simple, "SECRET_MALFORMED");
    await refused({ [older]: [keys("short", a), ""], v1: [keys(a, b), "C"] }, simpleOverlap, "SECRET_MALFORMED");
  });
});
