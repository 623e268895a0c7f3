import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { formatPath } from "../provider/propertyPath";
import { type PropertyMap, unknown } from "../provider/propertyValues";
import type { DiffCall } from "../provider/provider";
import { checkpointOf } from "./checkpoint";
import type { KubernetesConfig } from "./config";
import { diffObject } from "./objectDiff";
import type { KubernetesObject } from "./objects";

const type = "kubernetes:apps/v1:Deployment";
const deployment = (spec: PropertyMap, metadata: PropertyMap = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", ...metadata },
  spec,
});

function diff(
  recorded: PropertyMap,
  live: PropertyMap,
  inputs: PropertyMap,
  more: Partial<DiffCall<KubernetesConfig>> = {},
) {
  const oldOutputs = checkpointOf({}, recorded, live as KubernetesObject, {
    initialApiVersion: undefined,
    fieldManager: "me",
  });
  const call = { type, oldOutputs, inputs, ignoreChanges: [], ...more } as unknown as DiffCall<KubernetesConfig>;
  const { changes, deleteBeforeReplace } = diffObject(call);
  const shown = changes.map(({ path, kind, replace }) => `${kind} ${formatPath(path)}${replace ? " (replace)" : ""}`);
  return { changes: shown, deleteBeforeReplace };
}

describe("the diff of an object", () => {
  const spec = { replicas: 2, selector: { matchLabels: { app: "web" } } };
  const recorded = deployment(spec);
  const live = deployment({ ...spec, revisionHistoryLimit: 10 }, { uid: "u", labels: { added: "by others" } });

  it("sees no difference in what the cluster adds", () => {
    assert.deepEqual(diff(recorded, live, recorded).changes, []);
  });

  it("sees what the program changes, adds and leaves out", () => {
    const { replicas: _, ...rest } = spec;
    const wanted = deployment({ ...rest, paused: true }, { annotations: { "a/b": "c" } });
    assert.deepEqual(diff(recorded, live, wanted).changes, [
      "add metadata.annotations",
      "delete spec.replicas",
      "add spec.paused",
    ]);
  });

  it("sees what others changed of what the program says", () => {
    assert.deepEqual(diff(recorded, deployment({ ...spec, replicas: 5 }), recorded).changes, ["update spec.replicas"]);
  });

  it("replaces for another name, deleting first only where the name stays", () => {
    const renamed = diff(recorded, live, deployment(spec, { name: "other" }));
    assert.deepEqual(renamed, { changes: ["update metadata.name (replace)"], deleteBeforeReplace: false });
    const selector = diff(recorded, live, deployment({ ...spec, selector: { matchLabels: { app: "new" } } }));
    assert.deepEqual(selector.changes, ["update spec.selector.matchLabels.app (replace)"]);
    assert.equal(selector.deleteBeforeReplace, true);
  });

  it("replaces a patch only for another object", () => {
    const patch = { type: "kubernetes:apps/v1:DeploymentPatch" };
    const wanted = deployment({ ...spec, selector: { matchLabels: { app: "new" } } });
    assert.deepEqual(diff(recorded, live, wanted, patch).changes, ["update spec.selector.matchLabels.app"]);
    assert.equal(
      diff(recorded, live, deployment(spec, { namespace: "x" }), patch).changes[0],
      "update metadata.namespace (replace)",
    );
  });

  it("takes the default namespace for the one that is not named", () => {
    const { namespace: _, ...metadata } = recorded.metadata;
    const nowhere = { ...recorded, metadata };
    assert.deepEqual(diff(nowhere, { ...live, metadata: { ...metadata, namespace: "default" } }, nowhere).changes, []);
  });

  it("counts what is not known yet as changed, and leaves out what is ignored", () => {
    const wanted = deployment(spec, { annotations: { "force-sync": unknown, other: "x" } });
    const before = deployment(spec, { annotations: { "force-sync": "1", other: "y" } });
    const ignoreChanges = ["metadata.annotations.other"];
    assert.deepEqual(diff(before, before, wanted, { ignoreChanges }).changes, [
      "update metadata.annotations.force-sync",
    ]);
    assert.deepEqual(diff(before, before, wanted, { ignoreChanges: ["metadata.annotations"] }).changes, []);
  });

  it("replaces a Secret for other data, whether given as text or encoded", () => {
    const secret = (data: PropertyMap) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, ...data });
    const encoded = secret({ data: { key: Buffer.from("a").toString("base64") } });
    const kind = { type: "kubernetes:core/v1:Secret" };
    assert.deepEqual(diff(encoded, encoded, secret({ stringData: { key: "a" } }), kind).changes, []);
    const other = diff(encoded, encoded, secret({ stringData: { key: "b" } }), kind);
    assert.deepEqual(other, { changes: ["update data.key (replace)"], deleteBeforeReplace: true });
  });
});
