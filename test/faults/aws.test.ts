import assert from "node:assert/strict";
import type { ErrorCode } from "../../rotation/errors";
import type { Observer } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import type { RunResult } from "../../rotation/result";
import type { Step } from "../../rotation/steps";
import { only, region, useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { type AwsFault, type AwsMatch, AwsProxy, awsErrors } from "./awsProxy";
import { type FaultProject, faultProject, resultOf } from "./faultProject";
import { itSaysNoValue } from "./saysNoValue";

const stack = "faults-aws";

/** A fault, and what must come of it; all of them happen in one run, each to a secret of its own. */
interface Case {
  readonly match: AwsMatch & { readonly operation: string };
  readonly fault: AwsFault;
  /** Begins with this step; default: with the run. */
  readonly from?: Step;
  /** Undefined: it is retried until it goes well. */
  readonly fails?: { readonly at: Step; readonly code?: ErrorCode; readonly says: RegExp; readonly hint: RegExp };
}

const again = /run the same command again: it goes on where this one stopped/;
const login = /log in to AWS again/;
const put = { operation: "PutSecretValue" };
const move = { operation: "UpdateSecretVersionStage" };
const unreadable = /the AWS endpoint answers 500 with something that is no JSON/;

const cases = {
  "look-throttled": {
    match: { operation: "DescribeSecret" },
    fault: awsErrors.throttled,
    fails: { at: "check", says: /ThrottlingException: Rate exceeded/, hint: again },
  },
  "look-expired": {
    match: { operation: "DescribeSecret" },
    fault: awsErrors.expired,
    fails: { at: "check", says: /ExpiredTokenException/, hint: login },
  },
  "put-throttled": {
    match: put,
    fault: awsErrors.throttled,
    fails: { at: "create", says: /ThrottlingException/, hint: again },
  },
  "put-500": {
    match: put,
    fault: awsErrors.internal,
    fails: { at: "create", says: /InternalServiceError/, hint: again },
  },
  "put-expired": {
    match: put,
    fault: awsErrors.expired,
    fails: { at: "create", says: /ExpiredTokenException/, hint: login },
  },
  "put-denied": {
    match: put,
    fault: awsErrors.denied,
    fails: { at: "create", says: /AccessDeniedException/, hint: /grant the driver's AWS role/ },
  },
  "put-html": { match: put, fault: awsErrors.html, fails: { at: "create", says: unreadable, hint: again } },
  "put-unknown": { match: put, fault: "loseAnswer", fails: { at: "create", says: /socket hang up/, hint: again } },
  "move-expired": {
    match: move,
    fault: awsErrors.expired,
    fails: { at: "finish", says: /ExpiredTokenException/, hint: login },
  },
  "move-html": { match: move, fault: awsErrors.html, fails: { at: "finish", says: unreadable, hint: again } },
  "move-cut": { match: move, fault: "cut", fails: { at: "finish", says: /ECONNRESET/, hint: again } },
  "move-unknown": { match: move, fault: "loseAnswer", fails: { at: "finish", says: /ECONNRESET/, hint: again } },
  "read-500": {
    match: { operation: "GetSecretValue" },
    fault: awsErrors.internal,
    from: "sync",
    fails: { at: "sync", says: /InternalServiceError/, hint: again },
  },
  "verify-denied": {
    match: { operation: "DescribeSecret" },
    fault: awsErrors.denied,
    from: "verify",
    fails: { at: "verify", says: /AccessDeniedException/, hint: /grant the driver's AWS role/ },
  },
  "stamp-500": {
    match: { operation: "TagResource" },
    fault: awsErrors.internal,
    fails: {
      at: "settle",
      code: "UPDATE_FAILED",
      says: /rotated, but not settled: .*InternalServiceError/,
      hint: /the new value is in use; run the same command again to finish/,
    },
  },
  "put-throttled-once": { match: { ...put, times: 1 }, fault: awsErrors.throttled },
  "put-unknown-once": { match: { ...put, times: 1 }, fault: "loseAnswer" },
  "move-500-once": { match: { ...move, times: 1 }, fault: awsErrors.internal },
  "move-unknown-once": { match: { ...move, times: 1 }, fault: "loseAnswer" },
  "not-readable-yet": { match: { operation: "GetSecretValue", times: 3 }, fault: awsErrors.notFound, from: "set" },
} satisfies Record<string, Case>;
const table: [string, Case][] = Object.entries(cases);
const names = ["well", ...Object.keys(cases)];

/** These two share a workload: the failing one must not hold up the other. */
const consumers = [{ namespace: stack, name: "web", takes: "env" }];
const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: [stack] },
  consumers: ["well", "read-500"].includes(name) ? consumers : [],
});

describe("AWS fails", function () {
  this.timeout(300_000);
  let proxy: AwsProxy;
  let project: FaultProject;
  let cluster: Workloads;
  let run: RunResult;

  before(async () => {
    await useSandbox();
    proxy = await AwsProxy.start();
    const settings = { "aws:endpoints": [{ secretsmanager: proxy.endpoint }], "aws:maxRetries": 2 };
    project = await faultProject(stack, settings);
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    project.declare(names.map(secret));
    await project.up();
    await project.rotate(names);
    const begin = (name: string, { match, fault }: Case) =>
      proxy.fault({ ...match, secret: `${stack}/${name}` }, fault);
    for (const [name, one] of table) if (!one.from) begin(name, one);
    const observer: Observer = {
      stepStarted(name, step) {
        for (const [faulty, one] of table) if (faulty === name && one.from === step) begin(name, one);
      },
      stepEnded: () => undefined,
    };
    run = await project.rotate(names, { observer });
    proxy.heal();
  });
  after(async () => {
    project.remove();
    await proxy.stop();
  });

  it("and what has no fault is rotated, though it shares a workload with what fails", async () => {
    const { outcome, newVersionId } = resultOf(run, "well");
    assert.equal(outcome, "rotated");
    assert.equal((await cluster.annotations(stack, "web"))[`${stack}.secret-rotation/well`], newVersionId);
  });

  for (const [name, { fails }] of table) {
    it(`${name}: ${fails ? `fails at ${fails.at}, with its cause and what to do` : "is retried, and goes well"}`, async () => {
      const { outcome, error, oldVersionId, newVersionId } = resultOf(run, name);
      const { current, previous, currents, rotatedVersion, value } = await project.live(name);
      assert.equal(currents, 1);
      const { KEY } = await cluster.secretData(stack, name);
      if (!fails) {
        assert.deepEqual([outcome, error?.message], ["rotated", undefined]);
        assert.deepEqual([current, rotatedVersion, previous], [newVersionId, newVersionId, oldVersionId]);
        assert.equal(KEY, await value(current));
        return;
      }
      assert.deepEqual([outcome, error?.step, error?.code], ["failed", fails.at, fails.code ?? "AWS_FAILED"]);
      assert.match(error?.message ?? "", fails.says);
      assert.match(error?.hint ?? "", fails.hint);
      assert.ok(error?.cause !== undefined || fails.at === "create");
      // Not called a success, and what Kubernetes holds is the current value still, or already.
      assert.notEqual(rotatedVersion, newVersionId ?? current === oldVersionId);
      assert.ok([await value(current), await value(previous)].includes(KEY));
    });
  }

  it("two finishers: AWSCURRENT that somebody else moved meanwhile is not overwritten, and the next run goes on", async () => {
    const { moveCurrent } = realPorts({ region }).secretsManager;
    const { current: from, previous: to = "" } = await project.live("well");
    const held = proxy.fault({ ...move, secret: `${stack}/well` }, "hold");
    void held.reached.then(() => moveCurrent(`${stack}/well`, { from, to })).finally(() => held.end());
    const { error, newVersionId } = only(await project.rotate(["well"]));
    assert.deepEqual([error?.code, error?.step], ["LABEL_CONFLICT", "finish"]);
    assert.match(error?.hint ?? "", /AWSCURRENT was left where it is; run the same command again/);
    assert.equal((await project.live("well")).current, to);
    const again = only(await project.rotate(["well"]));
    assert.deepEqual([again.outcome, again.newVersionId], ["resumed", newVersionId]);
  });

  it("the same command again, without the faults, rotates everything, and leaves nothing half-done", async () => {
    const { secrets } = await project.rotate(names);
    for (const { secret: name, error, newVersionId } of secrets) {
      assert.equal(error?.message, undefined);
      const { current, currents, rotatedVersion, value } = await project.live(name);
      assert.deepEqual([current, rotatedVersion, currents], [newVersionId, newVersionId, 1], name);
      assert.equal((await cluster.secretData(stack, name)).KEY, await value(current));
    }
  });

  itSaysNoValue();
});
