import assert from "node:assert/strict";
import type { KubernetesSecret } from "../../../rotation/ports/kubernetes";
import { reloaderView } from "../../../rotation/ports/reloaderView";
import { contentHash } from "../../../rotation/reloader/marks";
import { isMadeWith, isRestarted } from "../../../rotation/reloader/restarted";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const secret = (value: string, more: Partial<KubernetesSecret> = {}): KubernetesSecret => ({
  annotations: {},
  data: { KEY: Buffer.from(value) },
  createdAt: at(-3600),
  contentSince: at(0),
  resourceVersion: "100",
  ...more,
});
const variable = (name: string, value: string) => ({
  spec: { containers: [{ name: "main", env: [{ name, value }] }] },
});
const last = (name: string, hash: string, type = "SECRET") => ({
  metadata: { annotations: { "reloader.stakater.com/last-reloaded-from": JSON.stringify({ type, name, hash }) } },
});

describe("the proof that pods began with what a Secret holds", () => {
  const hash = contentHash({ KEY: Buffer.from("new") });
  const proven = (pods: number[], template = {}, held = secret("new"), other?: KubernetesSecret) =>
    isRestarted({
      name: "orders.db-1",
      reloader: reloaderView({}, template),
      secret: held,
      pods: pods.map(at),
      last: other,
    });

  it("they were made after it: no mark is needed", () => {
    assert.ok(proven([1, 2]));
    assert.ok(proven([]), "there are none");
  });

  it("one was made before it, whatever is marked", () => {
    assert.ok(!proven([-3, 5]));
    // The value has been this one before, and comes back.
    assert.ok(!proven([-600], variable("STAKATER_ORDERS_DB_1_SECRET", hash)));
  });

  it("within the same second, Reloader's mark tells", () => {
    assert.ok(!proven([0, 1]));
    assert.ok(proven([0], variable("STAKATER_ORDERS_DB_1_SECRET", hash)));
    assert.ok(!proven([0], variable("STAKATER_ORDERS_DB_1_SECRET", contentHash({ KEY: Buffer.from("old") }))));
    assert.ok(!proven([0], variable("STAKATER_ORDERS_DB_1_CONFIGMAP", hash)));
    assert.ok(proven([0], last("orders.db-1", hash)));
    assert.ok(!proven([0], last("orders.db-1", hash, "CONFIGMAP")));
    assert.ok(!proven([0], { metadata: { annotations: { "reloader.stakater.com/last-reloaded-from": "{" } } }));
  });

  it("so does the mark of another Secret, where that one was written later", () => {
    const jwt = last("jwt", contentHash({ KEY: Buffer.from("jwt") }));
    assert.ok(proven([0], jwt, secret("new"), secret("jwt", { resourceVersion: "101" })));
    assert.ok(!proven([0], jwt, secret("new"), secret("jwt", { resourceVersion: "99" })));
    assert.ok(!proven([0], jwt, secret("new"), secret("changed since", { resourceVersion: "101" })));
    assert.ok(!proven([0], jwt, secret("new"), undefined), "it may not be read");
    assert.ok(!proven([-2], jwt, secret("new"), secret("jwt", { resourceVersion: "101" })));
  });

  it("a mark counts also where the Secret's annotations were written again since", () => {
    assert.ok(proven([-2], variable("STAKATER_ORDERS_DB_1_SECRET", hash)));
  });

  it("where nothing says when it was written, only a mark counts", () => {
    const held = secret("new", { contentSince: undefined });
    assert.ok(!proven([5], {}, held));
    assert.ok(proven([5], variable("STAKATER_ORDERS_DB_1_SECRET", hash), held));
  });

  it("the content's hash is Reloader's: of sorted pairs, by bytes", () => {
    // printf 'a=\xff;b=x' | sha1sum
    const data = { b: Buffer.from("x"), a: Buffer.from([0xff]) };
    assert.equal(contentHash(data), "344d634cdb838320e675f2b6f697d7a55acad76e");
  });

  it("a Secret that was made with a version has not changed to it", () => {
    const annotations = { "secret-rotation/version": "v1" };
    assert.ok(isMadeWith("v1", secret("new", { annotations, createdAt: at(0) })));
    assert.ok(!isMadeWith("v1", secret("new", { annotations })));
    assert.ok(!isMadeWith("v2", secret("new", { annotations, createdAt: at(0) })));
    assert.ok(!isMadeWith("v1", undefined));
  });
});
