import assert from "node:assert/strict";
import { stateOfRun, urlOf, workflowRunOf } from "../../../rotation/ports/github";
import { type GitHub, startGitHub } from "../../integration/github";

const run = { server: "https://github.example", repository: "acme/shop", id: "7", attempt: 1 };

describe("what GitHub says of a run", () => {
  let github: GitHub;
  before(async () => {
    github = await startGitHub();
  });
  after(() => github.stop());
  const state = (of: object = {}, env: object = {}) =>
    stateOfRun(
      { ...run, ...of },
      { GITHUB_SERVER_URL: run.server, GITHUB_API_URL: github.url, GITHUB_TOKEN: "ghs_1", ...env },
    );

  it("is whether this attempt of it has ended", async () => {
    github.answer(200, { status: "in_progress", run_attempt: 1 });
    assert.deepEqual(await state(), { state: "running" });
    assert.equal(github.asked.at(-1), "GET /repos/acme/shop/actions/runs/7 Bearer ghs_1");
    github.answer(200, { status: "completed", conclusion: "cancelled", run_attempt: 1 });
    assert.deepEqual(await state(), { state: "ended" });
    github.answer(200, { status: "in_progress", run_attempt: 2 });
    assert.deepEqual([await state(), await state({ attempt: 2 })], [{ state: "ended" }, { state: "running" }]);
  });

  it("is unknown where it does not say it", async () => {
    github.answer(403, {});
    assert.deepEqual(await state(), {
      state: "unknown",
      why: "GitHub answers 403; GITHUB_TOKEN needs actions: read",
    });
    const unreached = await state({}, { GITHUB_API_URL: "http://127.0.0.1:1" });
    assert.match(unreached.state === "unknown" ? unreached.why : "", /^GitHub is not reached: /);
  });

  it("is asked of no other server, and of no other path", async () => {
    const before = github.asked.length;
    for (const other of [{ server: "https://evil.example" }, { repository: "acme/../../user" }, { id: "7/../8" }]) {
      assert.equal((await state(other)).state, "unknown");
    }
    assert.equal(github.asked.length, before);
  });

  it("is of the run that the variables name", () => {
    const env = { GITHUB_SERVER_URL: run.server, GITHUB_REPOSITORY: "acme/shop", GITHUB_RUN_ID: "7" };
    assert.equal(workflowRunOf(env), undefined);
    const found = workflowRunOf({ ...env, GITHUB_ACTIONS: "true", GITHUB_RUN_ATTEMPT: "2" });
    assert.deepEqual(found, { ...run, attempt: 2 });
    assert.equal(urlOf(run), "https://github.example/acme/shop/actions/runs/7/attempts/1");
  });
});
