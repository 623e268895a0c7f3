import assert from "node:assert/strict";
import { secretVersionUrn, urnsOf } from "../../../infra/urns";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { withoutPending } from "../../../rotation/stack/pendingCreations";
import { parseState } from "../../../rotation/stack/recordedStack";

const config = readStackConfig("dev", {
  "aws:region": "eu-west-1",
  "secret-rotation:secrets": ["one", "two"].map((name) => ({
    name,
    kind: "app",
    externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["shop"] },
  })),
});
const [one, two] = config.secrets;
const pending = (urn: string) => ({ type: "creating", resource: { urn, custom: true, inputs: { a: 1 } } });
const bucket = pending("urn:pulumi:dev::other::aws:s3/bucket:Bucket::logs");
const exported = {
  version: 3,
  deployment: {
    manifest: { time: "2026-11-24T00:00:00Z" },
    resources: [{ urn: "urn:pulumi:dev::other::pulumi:pulumi:Stack::dev", custom: false }],
    pending_operations: [pending(secretVersionUrn("dev", "one")), bucket],
  },
};

describe("creations that a killed engine has left under way", () => {
  it("are told of the secret that they belong to", () => {
    const update = { ...pending(secretVersionUrn("dev", "two")), type: "updating" };
    const pending_operations = [...exported.deployment.pending_operations, update];
    const deployment = { ...exported.deployment, pending_operations };
    const state = parseState("dev", { ...exported, deployment }, config);
    assert.deepEqual([state.get("one")?.pending, state.get("two")?.pending], [true, false]);
  });

  it("are taken out for a rotation's own resources; all else stays as it was", () => {
    assert.ok(one && two);
    const deployment = { ...exported.deployment, pending_operations: [bucket] };
    assert.deepEqual(withoutPending(exported, new Set(urnsOf("dev", one))), { ...exported, deployment });
    assert.deepEqual(withoutPending(exported, new Set(urnsOf("dev", two))), exported);
  });

  it("cut off between the halves of a replacement: the newest that is marked for deletion is there again", () => {
    assert.ok(one);
    const urn = secretVersionUrn("dev", "one");
    const version = (id: string, mark?: object) => ({ urn, outputs: { versionId: id }, ...mark });
    const marked = { delete: true };
    const [stackItself] = exported.deployment.resources;
    const resources = [stackItself, version("v2", marked), version("v1", marked)];
    const state = { ...exported, deployment: { ...exported.deployment, resources } };
    const recorded = parseState("dev", state, config).get("one");
    assert.deepEqual([recorded?.cutOff, recorded?.version?.id], [true, "v2"]);
    const mended = withoutPending(state, new Set(urnsOf("dev", one))) as typeof state;
    assert.deepEqual(mended.deployment.resources, [stackItself, version("v2"), version("v1", marked)]);
    assert.equal(parseState("dev", mended, config).get("one")?.cutOff, false);
    // Beside a living one a mark is what it says.
    const whole = { ...state, deployment: { ...state.deployment, resources: [version("v3"), version("v2", marked)] } };
    assert.deepEqual(parseState("dev", whole, config).get("one")?.cutOff, false);
    assert.deepEqual((withoutPending(whole, new Set(urnsOf("dev", one))) as typeof state).deployment.resources, [
      version("v3"),
      version("v2", marked),
    ]);
  });
});
