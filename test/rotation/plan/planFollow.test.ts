import assert from "node:assert/strict";
import { tags } from "../../../infra/names";
import { byAwsToo } from "../../../rotation/plan/byAwsToo";
import type { Found } from "../../../rotation/plan/found";
import { planFollow } from "../../../rotation/plan/planFollow";
import { rotatingSecret } from "../../../rotation/plan/planRotation";
import { replacedBy } from "../../../rotation/plan/replacedBy";
import type { Kubernetes } from "../../../rotation/ports/kubernetes";
import type { SecretDescription, SecretsManager } from "../../../rotation/ports/secretsManager";
import { followed } from "../../../rotation/rotators/native/followed";
import { context } from "../context";

const written = new Date("2025-12-20T03:00:00Z");
const content = new Date("2025-12-21T00:00:00Z");
const rotation = {
  enabled: true,
  lambdaArn: "arn:aws:lambda:eu-west-1:123456789012:function:rotate",
  lastRotatedAt: written,
  nextRotationAt: new Date("2026-01-20T00:00:00Z"),
};

interface Case {
  readonly live?: Partial<SecretDescription>;
  readonly value?: string | undefined;
  /** When the pods of the consumer began. */
  readonly pods?: Date;
  /** What the Kubernetes Secret holds. */
  readonly held?: string;
}

/** What is found of a secret whose version `v2` AWS has written, and whose version `v1` a run has brought to its consumers. */
function found({ live = {}, value = "two", pods = new Date("2025-12-01T00:00:00Z"), held = "two" }: Case = {}): Found {
  const described: SecretDescription = {
    ...{ arn: "arn", createdAt: undefined, deletedAt: undefined, rotation },
    stages: { v1: ["AWSPREVIOUS"], v2: ["AWSCURRENT"] },
    tags: { [tags.rotatedVersion]: "v1" },
    ...live,
  };
  const secretsManager: Partial<SecretsManager> = { value: async () => value, createdAt: async () => written };
  const reloader = { annotations: {}, podAnnotations: {}, variables: new Set(), takes: new Map() };
  const kubernetes: Partial<Kubernetes> = {
    secret: async () => ({
      ...{ annotations: {}, data: { KEY: Buffer.from(held) }, createdAt: content },
      ...{ contentSince: content, resourceVersion: "1" },
    }),
    workload: async () => ({ annotations: {}, waitsFor: undefined, reloader }) as never,
    podsMade: async () => [pods],
  };
  const ports = { secretsManager: secretsManager as SecretsManager, kubernetes: kubernetes as Kubernetes };
  const ofSecret = context({ kind: "api-key", strategy: "native" }, ports);
  const recorded = { version: undefined } as Found["recorded"];
  return { context: ofSecret, strategy: followed, live: described, recorded, workloads: new Map() };
}
const plan = (one?: Case, isAskedForMore = false) => planFollow(found(one), { isAskedForMore });
const refused = (code: string, message: RegExp) => (error: { code: string; message: string }) => {
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

describe("what follows a rotation by AWS", () => {
  it("is that its version goes to the consumers: nothing is written, replaced or backed up", async () => {
    const planned = await plan();
    const { mode, oldVersionId, newVersionId, newValue, writtenAt } = planned;
    assert.deepEqual(
      [mode, oldVersionId, newVersionId, newValue, writtenAt],
      ["follow", "v1", "v2", undefined, written],
    );
    assert.equal(rotatingSecret(planned, undefined).adopted, "v2");
    assert.deepEqual(replacedBy([planned]), []);
  });

  it("leaves a consumer alone that began with this version", async () => {
    const upToDate = async (one: Case) => [...((await plan(one)).context.upToDate ?? [])];
    assert.deepEqual(await upToDate({}), []);
    const after = new Date("2025-12-22T00:00:00Z");
    assert.deepEqual(await upToDate({ pods: after }), ["deployment/shop/web"]);
    assert.deepEqual(await upToDate({ pods: after, held: "one" }), [], "the Kubernetes Secret is behind");
    assert.deepEqual(await upToDate({ pods: content }), [], "within the same second nobody knows");
  });

  it("is nothing, and said, where its consumers have the current version", async () => {
    const live = { tags: { [tags.rotatedVersion]: "v2" } };
    await assert.rejects(plan({ live }), refused("STRATEGY_UNAVAILABLE", /AWS has not rotated it since/));
    await assert.rejects(plan({}, true), refused("STRATEGY_UNAVAILABLE", /AWS alone writes its values/));
    const empty = { live: { stages: {} } };
    await assert.rejects(plan(empty), refused("STRATEGY_UNAVAILABLE", /it has no value yet/));
  });

  it("that has failed is told: where there is a version to bring, as a warning", async () => {
    const stages = { v2: ["AWSCURRENT"], v3: ["AWSPENDING"] };
    const failed = refused("AWS_ROTATION_FAILED", /version v3 is AWSPENDING since 2025-12-20/);
    await assert.rejects(plan({ live: { stages, tags: { [tags.rotatedVersion]: "v2" } } }), failed);
    const one = found({ live: { stages } });
    assert.equal((await planFollow(one, { isAskedForMore: false })).newVersionId, "v2");
    assert.match(one.context.findings.warnings.join(), /AWS's rotation has not ended: version v3/);
  });

  it("is not for two: a secret of the driver's that AWS rotates too is refused, but not in an emergency", () => {
    const own = context({});
    assert.deepEqual(byAwsToo(own, {}), []);
    assert.deepEqual(byAwsToo(own, { rotation: { ...rotation, enabled: false } }), []);
    const [outcome] = byAwsToo(own, { rotation });
    assert.ok(outcome && "refuse" in outcome);
    assert.match(outcome.refuse, /AWS rotates it too, by the function arn:aws:lambda/);
    const [emergency] = byAwsToo({ ...own, emergency: true }, { rotation });
    assert.ok(emergency && "warn" in emergency);
  });
});
