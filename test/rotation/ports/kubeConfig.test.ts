import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../rotation/errors";
import { kubeConfig } from "../../../rotation/ports/kubeConfig";

const clusters = ["dev", "prod"].map((name) => ({ name, cluster: { server: `https://${name}.example` } }));
const contexts = ["dev", "prod"].map((name) => ({ name, context: { cluster: name, user: "me" } }));
const users = [{ name: "me", user: { token: "s3cr3t" } }];
const two = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters, contexts, users, "current-context": "dev" });

describe("the cluster of the driver", () => {
  let folder: string;
  let file: string;
  let inherited: string | undefined;
  before(() => {
    inherited = process.env.KUBECONFIG;
    folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    file = join(folder, "config");
  });
  beforeEach(() => {
    rmSync(file, { force: true });
    process.env.KUBECONFIG = file;
  });
  after(() => {
    rmSync(folder, { recursive: true });
    if (inherited === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = inherited;
  });
  const server = (settings: Parameters<typeof kubeConfig>[0]) => kubeConfig(settings).getCurrentCluster()?.server;

  it("is the one of the environment, in the context that the stack names", () => {
    writeFileSync(file, two);
    assert.equal(server({}), "https://dev.example");
    assert.equal(server({ context: "prod" }), "https://prod.example");
  });

  it("is the one of the stack's kubeconfig, a path or the content, whatever the environment says", () => {
    const other = join(folder, "other");
    writeFileSync(other, two);
    for (const kubeconfig of [other, two]) {
      assert.equal(server({ kubeconfig, context: "prod" }), "https://prod.example");
    }
  });

  const cases: [string, string | undefined, Parameters<typeof kubeConfig>[0], RegExp][] = [
    ["a file that is not there", undefined, {}, /cannot be read: ENOENT.*: set KUBECONFIG/],
    [
      "a path of the stack that is not there",
      two,
      { kubeconfig: "/nowhere/config" },
      /cannot be read: ENOENT.*: set kubernetes:kubeconfig/,
    ],
    ["a file that is no YAML", "users: [a\n  token: s3cr3t\n", {}, /cannot be read: YAMLException.*: set KUBECONFIG/],
    [
      "a file without a current context",
      "apiVersion: v1\nkind: Config\nclusters: []\n",
      {},
      /no Kubernetes cluster is named/,
    ],
    ["a context that is not there", two, { context: "test" }, /has no context test: correct kubernetes:context/],
  ];
  for (const [what, text, settings, message] of cases) {
    it(`${what}: says what to set, and nothing of what the file holds`, () => {
      if (text !== undefined) writeFileSync(file, text);
      assert.throws(
        () => kubeConfig(settings),
        (error) => error instanceof UsageError && message.test(error.message) && !/s3cr3t/.test(error.message),
      );
    });
  }
});
