import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { sandboxPaths } from "../sandbox/paths";
import { createProject, only, type Project, useSandbox } from "./project";

const run = promisify(execFile);
const stack = "cut-off";
const secret = {
  name: "cut-off",
  kind: "app",
  externalSecret: { target: "cut-off", keys: [{ key: "KEY" }], namespaces: ["default"] },
  consumers: [],
};

describe("the backend's metadata of the stack's state is cut off", function () {
  this.timeout(60_000);
  let project: Project;
  let folder: string;
  let state: string;

  before(async () => {
    folder = sandboxPaths((await useSandbox()).dir).pulumiState;
    state = join(folder, ".pulumi/stacks/secret-rotation", `${stack}.json`);
    project = await createProject(stack);
    process.env.PULUMI_BACKEND_URL = `file://${folder}`;
    project.declare([secret]);
    await project.up();
  });
  after(async () => {
    await useSandbox();
    project.remove();
  });

  const unreadable = () =>
    assert.rejects(
      run("pulumi", ["stack", "export", "--stack", stack], { cwd: project.folder }),
      /load checkpoint: EOF/,
    );

  it("a rotation goes on, as an engine left it that was killed between making that file and writing it", async () => {
    assert.match(readFileSync(`${state}.attrs`, "utf8"), /"md5"/);
    truncateSync(`${state}.attrs`);
    await unreadable();
    assert.equal(only(await project.rotate([secret.name])).outcome, "rotated");
    assert.match(readFileSync(`${state}.attrs`, "utf8"), /"md5"/);
  });

  const urls = {
    "a relative path": () => `file://${relative(project.folder, folder)}`,
    "a path from the home": () => `file://~/${relative(userInfo().homedir, folder)}`,
    "an escaped character": () => `file://${folder.replace("pulumi-state", "pulumi%2Dstate")}`,
    "a query": () => `file://${folder}?metadata=skip`,
  };
  for (const [what, url] of Object.entries(urls)) {
    it(`is found where the backend's URL has ${what}`, async () => {
      process.env.PULUMI_BACKEND_URL = url();
      writeFileSync(`${state}.attrs`, "");
      await unreadable();
      assert.equal((await project.recorded()).get(secret.name)?.provisioned, true);
    });
  }
});
