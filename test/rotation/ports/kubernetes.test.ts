import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../rotation/errors";
import { kubernetes } from "../../../rotation/ports/kubernetes";

describe("the cluster that the environment names", () => {
  const before = process.env.KUBECONFIG;
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const file = join(folder, "config");
  after(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  });

  const cases: [string, string | undefined, RegExp][] = [
    ["a file that is not there", undefined, /cannot be read: ENOENT.*: set KUBECONFIG/],
    ["a file that is no YAML", "users: [a\n  token: s3cr3t\n", /cannot be read: YAMLException.*: set KUBECONFIG/],
    [
      "a file without a current context",
      "apiVersion: v1\nkind: Config\nclusters: []\n",
      /no Kubernetes cluster is named/,
    ],
  ];
  for (const [what, text, message] of cases) {
    it(`${what}: says what to set, and nothing of what the file holds`, () => {
      rmSync(file, { force: true });
      if (text !== undefined) writeFileSync(file, text);
      process.env.KUBECONFIG = file;
      assert.throws(
        () => kubernetes(),
        (error) => error instanceof UsageError && message.test(error.message) && !/s3cr3t/.test(error.message),
      );
    });
  }
});
