import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackContext } from "../../../policies/pack/stackContext";

const secret = (target: string) => ({
  externalSecret: { target },
  consumers: [{ namespace: "shop", name: `web-${target}` }],
});

describe("what the engine tells a policy pack of its stack", () => {
  let folder: string;
  const consumers = (config: Record<string, unknown>) => {
    const texts = Object.entries(config).map(([key, value]) => [`secret-rotation:${key}`, JSON.stringify(value)]);
    const env = {
      PULUMI_NODEJS_STACK: "dev",
      PULUMI_NODEJS_PROJECT: "secret-rotation",
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(texts)),
    };
    return readStackContext(env, folder).consumers.map(({ workload, secret }) => `${workload} ${secret}`);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stack-context-"));
    writeFileSync(join(folder, "shop.yaml"), JSON.stringify([secret("b")]));
    writeFileSync(join(folder, "wrong.yaml"), "a: {");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has the consumers of the stack's own file, and of the files that it names", () => {
    const found = consumers({ secrets: [secret("a")], secretFiles: ["shop.yaml"] });
    assert.deepEqual(found, ["Deployment/shop/web-a shop/a", "Deployment/shop/web-b shop/b"]);
  });

  it("leaves out what cannot be read, which the stack's program refuses", () => {
    const found = consumers({ secrets: "none", secretFiles: ["wrong.yaml", "missing.yaml", 3, "shop.yaml"] });
    assert.deepEqual(found, ["Deployment/shop/web-b shop/b"]);
  });
});
