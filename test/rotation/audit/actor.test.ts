import assert from "node:assert/strict";
import { actorOf, osUser, triggerOf } from "../../../rotation/audit/actor";

const arn = "arn:aws:sts::123456789012:assumed-role/rotator/ci";
const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_ACTOR: "alice",
  GITHUB_WORKFLOW: "rotate",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_RUN_ID: "42",
};
const run = { workflow: "rotate", runUrl: "https://github.com/acme/shop/actions/runs/42" };

describe("the actor of a run", () => {
  const cases = [
    [github, arn, { kind: "github-actions", name: "alice", ...run, awsIdentity: arn }],
    [github, undefined, { kind: "github-actions", name: "alice", ...run }],
    // Somebody else started it once more.
    [{ ...github, GITHUB_TRIGGERING_ACTOR: "bob" }, undefined, { kind: "github-actions", name: "bob", ...run }],
    [{ ...github, GITHUB_ACTIONS: "" }, arn, { kind: "aws", name: arn, awsIdentity: arn }],
    [{}, arn, { kind: "aws", name: arn, awsIdentity: arn }],
    [{}, undefined, { kind: "os", name: "root@build-7" }],
  ] as const;
  for (const [env, caller, expected] of cases) {
    const where = "GITHUB_ACTIONS" in env && env.GITHUB_ACTIONS ? "in GitHub Actions" : "elsewhere";
    it(`${where}, ${caller ? "with" : "without"} an AWS identity: ${expected.kind} ${expected.name}`, () => {
      assert.deepEqual(actorOf(env, caller, "root@build-7"), expected);
    });
  }

  it("is this process's user on this machine", () => {
    assert.match(osUser(), /^\S+@\S+$/);
  });
});

describe("the trigger of a run", () => {
  const cases = [
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "schedule" }, "schedule"],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push" }, "push"],
    [{ GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "workflow_dispatch" }, "manual"],
    [{ GITHUB_EVENT_NAME: "schedule" }, "manual"],
    [{}, "manual"],
  ] as const;
  for (const [env, expected] of cases) {
    it(`${JSON.stringify(env)}: ${expected}`, () => assert.equal(triggerOf(env), expected));
  }
});
