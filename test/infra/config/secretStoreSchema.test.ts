import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const parse = (secretStore: unknown, more: object = {}) =>
  readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:secretStore": secretStore, ...more })
    .secretStore;

const problems = (secretStore: unknown, more?: object) => problemsOf(() => parse(secretStore, more));

describe("the store that External Secrets reads through", () => {
  it("is the stack's SecretStore in each namespace, its ClusterSecretStore, or one of others", () => {
    const name = "secret-rotation-dev";
    assert.deepEqual(parse(undefined), { kind: "SecretStore", name, own: true });
    assert.deepEqual(parse({ kind: "ClusterSecretStore", make: true }), {
      kind: "ClusterSecretStore",
      name,
      own: true,
    });
    for (const kind of ["SecretStore", "ClusterSecretStore"])
      assert.deepEqual(parse({ kind, name: "aws" }), { kind, name: "aws", own: false });
  });

  it("has a service account where the stack makes it", () => {
    const serviceAccount = { "secret-rotation:serviceAccount": "reader" };
    assert.deepEqual(problems({ kind: "ClusterSecretStore", make: true }, serviceAccount), []);
    assert.deepEqual(problems({ name: "aws" }, serviceAccount), [
      "serviceAccount: goes with a store of the stack's own: the one that secretStore names has its own",
    ]);
  });

  it("is made or named", () => {
    assert.deepEqual(problems({}), ["secretStore.name: is needed: the store that is there; or make: true"]);
    assert.deepEqual(problems({ make: true, name: "aws" }), [
      "secretStore.name: belongs to a store that is there: one that the stack makes has its name",
      "secretStore.make: belongs to a ClusterSecretStore: without secretStore the stack makes SecretStores",
    ]);
  });
});
