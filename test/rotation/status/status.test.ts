import assert from "node:assert/strict";
import { tags } from "../../../infra/names";
import type { PackConfig } from "../../../policies/rules";
import type { SecretDescription, SecretsManager } from "../../../rotation/ports/secretsManager";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { isDue, type SecretStatus, statusOf } from "../../../rotation/status/status";

const now = new Date("2026-06-30T12:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const externalSecret = { target: "one", keys: [{ key: "KEY" }], namespaces: ["shop"] };

interface Case {
  /** Of the declaration; default: an application's secret. */
  readonly declared?: object;
  readonly live?: Partial<SecretDescription> | Error;
  /** When AWSCURRENT was written. */
  readonly writtenAt?: Date;
  readonly pack?: PackConfig;
  readonly schedule?: object;
}

async function status({ declared = { kind: "app", externalSecret }, live, writtenAt, pack = {}, schedule }: Case) {
  const config = readStackConfig("prod", {
    "aws:region": "eu-west-1",
    ...(schedule && { "secret-rotation:schedule": schedule }),
    "secret-rotation:secrets": [
      { name: "one", ...declared },
      { name: "well", kind: "app", externalSecret: { ...externalSecret, target: "well" } },
    ],
  });
  const well = rotated(1);
  const secretsManager: Pick<SecretsManager, "describe" | "createdAt"> = {
    describe: async (name) => {
      if (name === "prod/well") return described(well);
      if (live instanceof Error) throw live;
      return live && described(live);
    },
    createdAt: async () => writtenAt,
  };
  const ports = { secretsManager: secretsManager as SecretsManager, clock: { now: () => now } };
  const [one, other] = (await statusOf(config, ports, pack, 86_400)) as [SecretStatus, SecretStatus];
  assert.equal(other.state, "ok");
  return one;
}

function described(some: Partial<SecretDescription>): SecretDescription {
  const base = { arn: "arn", createdAt: new Date(daysAgo(400)), deletedAt: undefined, tags: {}, stages: {} };
  return { ...base, ...some };
}
const rotatedAt = (at: string) => ({
  tags: { [tags.rotatedAt]: at, [tags.rotatedVersion]: "v1" },
  stages: { v1: ["AWSCURRENT", "AWSPENDING"] },
});
const rotated = (days: number, more: Partial<SecretDescription> = {}) => ({ ...rotatedAt(daysAgo(days)), ...more });
const stateOf = async (one: Case) => (await status(one)).state;
const ssh = { kind: "ssh-key" };
const native = { kind: "database", strategy: "native" };

describe("the status of a secret", () => {
  it("is stale from the day on that the policies say so, and due a day before that", async () => {
    assert.equal(await stateOf({ live: rotated(89) }), "ok");
    assert.equal(await stateOf({ live: rotated(90) }), "due");
    assert.equal(await stateOf({ live: rotated(91) }), "stale");
    const { ageDays, maxAgeDays } = await status({ live: rotated(91) });
    assert.deepEqual([ageDays, maxAgeDays], [91, 90]);
  });

  it("says when a scheduled run takes it, and why", async () => {
    const { next } = await status({ live: rotated(80) });
    assert.deepEqual(next, { at: "2026-07-10T00:00:00.000Z", why: "stale from 2026-07-11" });
    assert.equal((await status({ live: rotated(91) })).next?.at, now.toISOString());
    const first = await status({ live: { stages: { byHand: ["AWSCURRENT"] } } });
    assert.deepEqual(first.next, { at: now.toISOString(), why: "never rotated" });
    assert.equal((await status({ declared: ssh, live: rotated(800) })).next, undefined);
    assert.equal((await status({ live: rotated(1, { deletedAt: now }) })).next, undefined);
  });

  it("is due at the last window before its limit, and earlier by its jitter, which a short limit keeps short", async () => {
    // Wednesdays: 2026-07-01, -08, -15.
    const windows = [{ cron: "0 2 * * WED", duration: "4h" }];
    const exact = await status({ live: rotated(80), schedule: { windows, jitter: "0s" } });
    assert.deepEqual([exact.state, exact.next?.at], ["ok", "2026-07-08T02:00:00.000Z"]);
    const soon = await status({ live: rotated(84), schedule: { windows, jitter: "0s" } });
    assert.deepEqual([soon.state, soon.next?.at], ["ok", "2026-07-01T02:00:00.000Z"]);
    const jittered = await status({ live: rotated(80), schedule: { jitter: "30d" } });
    assert.match(jittered.next?.why ?? "", /^stale from 2026-07-11; \d+\.\d d of jitter$/);
    const short = { declared: { kind: "app", externalSecret, maxAgeDays: 4 }, live: rotated(2) };
    assert.equal((await status({ ...short, schedule: { jitter: "30d" } })).state, "ok");
  });

  it("goes by the limits of the policy pack's configuration", async () => {
    const ofKind = { "secret-max-age": { maxAgeDays: { app: 30 } } };
    assert.equal(await stateOf({ live: rotated(31), pack: ofKind }), "stale");
    assert.equal((await status({ live: rotated(31), pack: ofKind })).maxAgeDays, 30);
    assert.equal(await stateOf({ live: rotated(10), pack: { "secret-max-age": { secrets: { one: 9 } } } }), "stale");
  });

  it("takes a time that cannot be, or not be read, for none: it is to be rotated", async () => {
    for (const at of ["soon", daysAgo(-361)]) {
      const { state, ageDays } = await status({ live: rotatedAt(at) });
      assert.deepEqual([state, ageDays], ["stale", undefined]);
    }
    // A minute ahead: two clocks.
    assert.equal(await stateOf({ live: rotatedAt(daysAgo(-1 / 1440)) }), "ok");
  });

  it("is interrupted where a version that a rotation wrote has no stamp", async () => {
    assert.equal(await stateOf({ live: { stages: { v1: ["AWSCURRENT", "AWSPENDING"] } } }), "interrupted");
    const pending = rotated(1, { stages: { v1: ["AWSCURRENT"], v2: ["AWSPENDING"] } });
    assert.equal(await stateOf({ live: pending }), "interrupted");
    assert.equal(await stateOf({ live: { stages: { byHand: ["AWSCURRENT"] } } }), "never-rotated");
    const movedBack = rotated(1, { stages: { v1: ["AWSCURRENT"], v2: ["AWSPENDING", "AWSPREVIOUS"] } });
    assert.equal(await stateOf({ live: movedBack }), "ok");
  });

  it("says since when the next phase of a rotation could be done, and what to do", async () => {
    const key = { issuer: { iam: { user: "one" } } };
    const declared = {
      kind: "api-key",
      externalSecret: { ...externalSecret, keys: [{ key: "KEY", property: "key" }] },
      "api-key": key,
    };
    const pending = (until: string) => {
      const { tags: stamped, stages } = rotated(5);
      return {
        stages,
        tags: { ...stamped, [tags.phase]: "activate", [tags.retirePending]: "true", [tags.phaseUntil]: until },
      };
    };
    const waiting = await status({ declared, live: pending(daysAgo(-1)) });
    assert.deepEqual([waiting.state, waiting.phase], ["ok", { next: "retire", isReady: false, from: daysAgo(-1) }]);
    const hint = "npm run rotate -- one --stack prod does it, or says what holds it up";
    for (const [until, since] of [
      [daysAgo(3), daysAgo(3)],
      ["soon", daysAgo(5)],
    ] as const) {
      const { state, phase, next } = await status({ declared, live: pending(until) });
      assert.deepEqual([state, phase], ["due", { next: "retire", isReady: true, since, hint }]);
      assert.equal(next?.why, "the older credential is retired");
    }
  });

  it("of what is only watched is its age: since rotated-at, or created-at, or since AWS has rotated it", async () => {
    const byHand = (days: number) => ({ stages: { v1: ["AWSCURRENT"] }, tags: { [tags.rotatedAt]: daysAgo(days) } });
    assert.equal(await stateOf({ declared: ssh, live: byHand(692) }), "stale");
    assert.equal(await stateOf({ declared: ssh, live: byHand(10) }), "ok");
    const created = { stages: { v1: ["AWSCURRENT"] }, tags: { [tags.createdAt]: daysAgo(366) } };
    assert.equal(await stateOf({ declared: ssh, live: created }), "stale");
    const followed = { stages: { v1: ["AWSCURRENT"] }, tags: { [tags.rotatedVersion]: "v1" } };
    assert.equal(await stateOf({ declared: native, live: followed, writtenAt: new Date(daysAgo(20)) }), "ok");
    const old = await status({ declared: native, live: followed, writtenAt: new Date(daysAgo(100)) });
    assert.deepEqual([old.state, old.ageDays, isDue(old)], ["stale", 100, false]);
  });

  it("of what AWS rotates is whether a run has followed, and whether AWS's rotation has come through", async () => {
    const rotation = (nextDays: number) => ({
      enabled: true,
      lambdaArn: "arn:aws:lambda:eu-west-1:123456789012:function:rotate",
      lastRotatedAt: new Date(daysAgo(20)),
      nextRotationAt: new Date(daysAgo(-nextDays)),
    });
    const found = (stages: SecretDescription["stages"], stamped: string, nextDays = 10, writtenAt = daysAgo(20)) =>
      status({
        declared: native,
        live: { stages, tags: { [tags.rotatedVersion]: stamped }, rotation: rotation(nextDays) },
        writtenAt: new Date(writtenAt),
      });
    const current = { v2: ["AWSCURRENT"], v1: ["AWSPREVIOUS"] };
    const behind = await found(current, "v1");
    assert.deepEqual([behind.state, behind.next?.why, isDue(behind)], ["unverified", "AWS has rotated it", true]);
    const well = await found(current, "v2");
    assert.deepEqual([well.state, well.byAws?.problem, isDue(well)], ["ok", undefined, false]);
    assert.deepEqual(well.byAws?.nextRotationAt, daysAgo(-10));
    const pending = { ...current, v3: ["AWSPENDING"] };
    assert.equal((await found(pending, "v2", 10, now.toISOString())).byAws?.problem, undefined, "it is under way");
    for (const failed of [await found(pending, "v2"), await found(current, "v2", -1)]) {
      assert.deepEqual([failed.state, failed.byAws?.problem?.what, isDue(failed)], ["ok", "failed", true]);
      assert.match(
        failed.byAws?.problem?.hint ?? "",
        /aws logs tail \/aws\/lambda\/rotate;.*aws secretsmanager rotate-secret/,
      );
    }
    const off = await status({ declared: native, live: { stages: current, tags: { [tags.rotatedVersion]: "v2" } } });
    assert.deepEqual([off.byAws?.problem?.what, isDue(off)], ["off", false]);
  });

  it("that AWS does not tell is unknown, with what to do; it is for the run to say so too", async () => {
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
    const found = await status({ live: denied });
    assert.equal(found.state, "unknown");
    assert.match(found.error?.message ?? "", /^one: .*AccessDeniedException: not authorized/);
    assert.match(found.error?.hint ?? "", /grant the driver's AWS role/);
    assert.ok(isDue(found));
  });

  it("tells that AWS is to delete it", async () => {
    const found = await status({ live: rotated(1, { deletedAt: new Date(daysAgo(-7)) }) });
    assert.deepEqual([found.state, isDue(found)], ["deleted", true]);
    assert.equal(await stateOf({}), "not-provisioned");
  });
});
