import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../rotation/errors";
import { createProject, only, type Project } from "./project";
import { workloads } from "./workloads";

const stack = "provider-settings";

describe("the stack names its account and its cluster", function () {
  this.timeout(60_000);
  let project: Project;
  const settings: Record<string, unknown> = { "kubernetes:context": "sandbox" };
  const { KUBECONFIG } = process.env;

  before(async () => {
    project = await createProject(stack, settings);
    await workloads().createNamespace(stack);
    // The current context is another cluster, which is not there; so is the environment's.
    const config = JSON.parse(readFileSync(process.env.KUBECONFIG ?? "", "utf8"));
    config.clusters.push({ name: "other", cluster: { server: "https://127.0.0.1:1" } });
    config.contexts.push({ name: "other", context: { cluster: "other", user: "admin" } });
    config["current-context"] = "other";
    const file = join(project.folder, "kubeconfig");
    writeFileSync(file, JSON.stringify(config));
    settings["kubernetes:kubeconfig"] = file;
    process.env.KUBECONFIG = "/dev/null";
  });
  after(() => {
    if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = KUBECONFIG;
    project.remove();
  });

  const key = {
    name: "key",
    kind: "app",
    externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: [stack] },
  };

  it("and the driver goes where the providers go", async () => {
    settings["aws:allowedAccountIds"] = ["123456789012"];
    project.declare([key]);
    await project.up();
    const { outcome, error } = only(await project.rotate(["key"]));
    assert.equal(outcome, "rotated", error?.message);
  });

  it("credentials of another account are refused before anything is touched", async () => {
    for (const [name, ids] of [
      ["aws:allowedAccountIds", ["210987654321"]],
      ["aws:forbiddenAccountIds", ["123456789012"]],
    ] as const) {
      settings[name] = ids;
      project.declare([key]);
      await assert.rejects(
        project.rotate(["key"]),
        (error) => error instanceof UsageError && /belong to account 123456789012, and .*log in/.test(error.message),
      );
      delete settings[name];
    }
  });
});
