import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PropertyMap } from "../provider/propertyValues";
import { isManagedByOthers, takeOver } from "./managedFields";

const entry = (manager: string, operation: string, fieldsV1: PropertyMap, more: PropertyMap = {}) => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});
const object = (...managedFields: PropertyMap[]) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { managedFields },
});
const spec = (...names: string[]) => ({ "f:spec": Object.fromEntries(names.map((name) => [`f:${name}`, {}])) });

describe("managed fields", () => {
  it("are taken over from kubectl and from the create, together with one's own", () => {
    const others = [
      entry("kube-controller", "Update", spec("x")),
      entry("kubectl", "Update", spec("y"), { subresource: "status" }),
    ];
    const mine = [
      entry("me", "Apply", spec("a")),
      entry("pulumi-kubernetes", "Update", spec("b")),
      entry("kubectl", "Apply", spec("c")),
      entry("kubectl-annotate", "Update", spec("d")),
    ];
    const after = takeOver(object(...others, ...mine), "me");
    assert.deepEqual(after, [...others, entry("me", "Apply", spec("a", "b", "c", "d"))]);
  });

  it("stay as they are where there is nothing to take over", () => {
    assert.equal(
      takeOver(object(entry("me", "Apply", spec("a")), entry("helm", "Update", spec("b"))), "me"),
      undefined,
    );
  });

  it("tell whether only others manage a field", () => {
    const shared = object(entry("me", "Apply", spec("a", "b")), entry("other", "Apply", spec("b", "c")));
    const others = (name: string) => isManagedByOthers(shared, ["spec", name], "me");
    assert.deepEqual(["a", "b", "c", "d"].map(others), [false, false, true, false]);
  });
});
