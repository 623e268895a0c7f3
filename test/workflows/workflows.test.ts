import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { builtIn } from "../../rotation/rotators";
import { secretTypes } from "../../rotation/status/select";
import { installActionlint } from "../sandbox/tools";
import { createProgress } from "../sandbox/tools/progress";
import { readWorkflow, stepsOf, workflowFolder } from "./workflow";

const files = readdirSync(workflowFolder);

describe("the workflows of GitHub", function () {
  // The first time actionlint is built.
  this.timeout(600_000);

  it("are found right by actionlint, which finds a mistake where there is one", async () => {
    const actionlint = await installActionlint(createProgress());
    const lint = async (folder: string, names: readonly string[]) => {
      const args = ["-no-color", ...names.map((name) => join(folder, name))];
      return promisify(execFile)(actionlint, args).then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      );
    };
    assert.equal(await lint(workflowFolder, files), "");
    assert.match(await lint(join(__dirname, "wrong"), ["injection.yml"]), /potentially untrusted/);
  });

  for (const file of files) {
    const workflow = readWorkflow(file);

    it(`${file}: every action is pinned by its commit, with its version beside it`, () => {
      const used = readFileSync(join(workflowFolder, file), "utf8").match(/uses: .*/g) ?? [];
      assert.ok(used.length > 0);
      for (const line of used) assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`${file}: no text of anybody comes into a command, and no token is given by default`, () => {
      for (const { run = "" } of stepsOf(workflow)) assert.doesNotMatch(run, /\$\{\{/);
      assert.deepEqual(workflow.permissions, {});
    });
  }

  it("rotate-secrets.yml offers the types that the driver knows", () => {
    const { workflow_dispatch: asked } = readWorkflow("rotate-secrets.yml").on;
    // People rotate the others by hand.
    const types = secretTypes(builtIn).filter((type) => type !== "ssh-key");
    assert.deepEqual(asked?.inputs?.secret_type?.options, types);
  });

  it("preview.yml gives nothing to a pull request of a fork", () => {
    const { on, jobs } = readWorkflow("preview.yml");
    // Not pull_request_target, which runs with secrets for everybody.
    assert.deepEqual(Object.keys(on), ["pull_request"]);
    for (const job of Object.values(jobs)) {
      assert.equal(job.if, "github.event.pull_request.head.repo.full_name == github.repository");
    }
  });
});
