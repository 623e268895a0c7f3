import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { shortVersion } from "../../rotation/shortVersion";
import { cli, cliOnTerminal } from "./cli";
import { createProject, only, type Project } from "./project";
import { workloads } from "./workloads";

const stack = "terminal";
const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name.replace("/", "-"), keys: [{ key: "KEY" }], namespaces: [stack] },
});

describe("on a terminal", function () {
  this.timeout(180_000);
  let project: Project;
  const environment = { ...process.env };
  const completions = async (...words: string[]) => {
    const { code, stdout, stderr } = await cli(project.folder, "complete", "--", ...words).finished;
    assert.equal(code, 0, stderr);
    return stdout.split("\n").flatMap((line) => (/^[^:\t]+/.exec(line) ?? []).slice(0, 1));
  };

  before(async () => {
    project = await createProject(stack);
    await workloads().createNamespace(stack);
    project.declare([secret("shop/one"), secret("shop/two"), { name: "ssh", kind: "ssh-key" }]);
    await project.up();
    for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]) delete process.env[name];
    process.env.TERM = "xterm-256color";
  });
  after(() => {
    Object.assign(process.env, environment);
    if (environment.TERM === undefined) delete process.env.TERM;
    project.remove();
  });

  it("status is in colour, with bars; not with NO_COLOR, and neither in a file", async () => {
    assert.equal((await project.rotate(["shop/one"])).secrets[0]?.error, undefined);
    const shown = await cliOnTerminal(project.folder, "status", "--stack", stack).finished;
    assert.ok(shown.stdout.includes("\x1b[32m░░░░░░░░░░\x1b[39m 0/90 d"), JSON.stringify(shown.stdout));
    process.env.NO_COLOR = "1";
    const plain = await cliOnTerminal(project.folder, "status", "--stack", stack).finished;
    delete process.env.NO_COLOR;
    assert.ok(plain.stdout.includes("░░░░░░░░░░ 0/90 d"), plain.stdout);
    const file = await cli(project.folder, "status", "--stack", stack).finished;
    for (const { stdout } of [plain, file]) assert.ok(!stdout.includes("\x1b["), JSON.stringify(stdout));
  });

  it("--watch draws again, with what has changed, until Ctrl-C", async () => {
    const watching = cliOnTerminal(project.folder, "status", "--stack", stack, "--watch", "--interval", "1s");
    await watching.says("never rotated, due now");
    const { newVersionId } = only(await project.rotate(["shop/two"]));
    await watching.says(shortVersion(newVersionId));
    watching.child.stdin?.write("\x03");
    const { code, stdout } = await watching.finished;
    assert.equal(code, 130);
    assert.ok(stdout.split("\x1b[2J").length > 2, "it has been drawn more than once");
  });

  it("--watch is refused where there is none", async () => {
    const { code, stderr } = await cli(project.folder, "status", "--stack", stack, "--watch").finished;
    assert.equal(code, 2);
    assert.match(stderr, /--watch needs a terminal to draw on/);
  });

  it("completes commands, options, types, stacks and the names of secrets", async () => {
    assert.deepEqual(await completions("ro"), ["rotate", "rollback"]);
    assert.deepEqual(await completions("rotate", "shop/"), ["shop/one", "shop/two"]);
    assert.deepEqual(await completions("rotate", "shop/one", ""), ["shop/one", "shop/two", "ssh"]);
    assert.deepEqual(await completions("rotate", "--in"), ["--in-freeze"]);
    assert.deepEqual(await completions("rotate", "--type", "a"), ["all", "api-keys", "app-secrets"]);
    assert.deepEqual(await completions("status", "--stack", ""), [stack]);
  });

  for (const shell of ["bash", "zsh", "fish"]) {
    it(`prints what ${shell} takes${shell === "bash" ? ", which gives the command and its completion" : ""}`, async () => {
      const { code, stdout, stderr } = await cli(project.folder, "completion", shell).finished;
      assert.equal(code, 0, stderr);
      assert.match(stdout, /secret-rotation/);
      if (shell !== "bash") return;
      // Of the package bash-completion, which splits the line into words.
      const split =
        "_get_comp_words_by_ref() { cur=shop/t prev=rotate words=(secret-rotation rotate shop/t) cword=2; }";
      const script = `${stdout}\n${split}\n__secret_rotation_complete\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
      const { stdout: said, stderr: error } = spawnSync("bash", ["-c", script], {
        cwd: project.folder,
        encoding: "utf8",
      });
      assert.match(said, /^shop\/two\b/m, error);
    });
  }
});
