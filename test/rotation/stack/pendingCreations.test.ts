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
});
