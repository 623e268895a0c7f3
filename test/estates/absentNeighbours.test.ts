import assert from "node:assert/strict";
import { createProject, only, type Project } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { deploymentAt, foreignHands } from "./foreignHands";

const stack = "absent";
const other = "absent-other";
const secret = (name: string, workloads: readonly string[], more: object = {}) => ({
  ...{ name, kind: "app", syncTimeout: "1m", rolloutTimeout: "1m" },
  externalSecret: { target: name.replaceAll("/", "-"), keys: [{ key: "KEY" }], namespaces: [stack] },
  consumers: workloads.map((at) => {
    const [namespace = stack, workload = ""] = at.includes("/") ? at.split("/") : [stack, at];
    return { namespace, name: workload, takes: "volume" };
  }),
  ...more,
});

describe("a workload that is not there, not yet, or never ready", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  const hands = foreignHands;

  /** These, beside what was declared before: a secret that has a value is not taken out. */
  const declared = new Map<string, object>();
  const declare = (...secrets: ReturnType<typeof secret>[]) => {
    for (const one of secrets) declared.set(one.name, one);
    project.declare([...declared.values()]);
  };
  const said = async (...names: string[]) => {
    const { secrets } = await project.rotate(names);
    return secrets.map(({ outcome, error }) => error?.code ?? outcome);
  };

  before(async () => {
    project = await createProject(stack);
    cluster = workloads();
    for (const namespace of [stack, other]) await cluster.createNamespace(namespace);
    for (const name of ["web", "gone", "job"]) await cluster.deploy(stack, name);
    await cluster.deploy(other, "web");
    // Nothing listens there.
    await cluster.deploy(stack, "stuck", { readyPort: 1 });
  });
  after(() => project.remove());

  it("a consumer or a secret that is declared, and not yet upped, stops its own secret only", async () => {
    declare(secret("one", ["web"]), secret("two", ["web"]));
    await project.up();
    assert.deepEqual(await said("one", "two"), ["rotated", "rotated"]);
    declare(secret("two", ["web", `${other}/web`]), secret("new", ["web"]));
    assert.deepEqual(await said("one", "two", "new"), ["rotated", "NOT_PROVISIONED", "NOT_PROVISIONED"]);
    await project.up();
    assert.deepEqual(await said("one", "two", "new"), ["rotated", "rotated", "rotated"]);
  });

  it("one that is shared with a secret whose ExternalSecret is not there yet is restarted all the same", async () => {
    // Both take a workload in the other namespace; only one of them has been upped there.
    declare(secret("one", ["web", `${other}/web`]));
    assert.deepEqual(await said("one", "two"), ["NOT_PROVISIONED", "rotated"]);
    await project.up();
    assert.deepEqual(await said("one", "two"), ["rotated", "rotated"]);
  });

  it("one that is gone is named, and stops neither others nor pulumi up", async () => {
    declare(secret("lost", ["gone", "web"]));
    await project.up();
    assert.deepEqual(await said("lost"), ["rotated"]);
    await hands().delete(deploymentAt(stack, "gone"));
    const { secrets } = await project.rotate(["one", "lost"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.message ?? outcome),
      ["rotated", "lost: check: there is no Deployment absent/gone"],
    );
    assert.deepEqual(await project.up(), []);
    // A refresh finds it while the update is under way already.
    await assert.rejects(project.up({ refresh: true }), /Deployment absent\/gone is gone, .*: run pulumi up once more/);
    assert.deepEqual(await project.up(), ["delete Consumer deployment/absent/gone"]);
    assert.deepEqual(await project.up({ refresh: true }), []);
    assert.deepEqual(await said("one", "lost"), ["rotated", "CONSUMER_MISSING"]);
    declare(secret("lost", ["web"]));
    await project.up();
    assert.deepEqual(await said("one", "lost"), ["rotated", "rotated"]);
  });

  it("after a rollout that is stuck a plain pulumi up has nothing to do, and waits for nothing", async () => {
    declare(secret("slow", ["stuck"], { rolloutTimeout: "5s" }));
    await project.up();
    const { error } = only(await project.rotate(["slow"]));
    assert.deepEqual([error?.code, error?.step], ["ROLLOUT_FAILED", "rollout"]);
    assert.match(error?.message ?? "", /Deployment absent\/stuck is not rolled out after 5 s: .*; pod stuck-/);
    assert.deepEqual(await project.up(), []);
    assert.deepEqual(await project.up({ refresh: true }), []);
    assert.deepEqual(await said("one"), ["rotated"]);
  });

  it("a rotation says where a restart is no zero downtime", async () => {
    const strategy = { type: "Recreate", rollingUpdate: null };
    await hands().change(deploymentAt(stack, "job"), { spec: { strategy } }, "kubectl-edit");
    declare(secret("rough", ["job"]));
    await project.up();
    const { outcome, warnings } = only(await project.rotate(["rough"]));
    assert.equal(outcome, "rotated");
    assert.match(warnings.join("\n"), /no zero downtime: Deployment absent\/job has the strategy Recreate/);
  });

  it("a renamed declaration with the same target is refused before anything is touched, with what to do", async () => {
    const before = await cluster.secretData(stack, "two");
    const { externalSecret } = secret("two", []);
    declared.delete("two");
    declare({ ...secret("uno", ["web"]), externalSecret });
    await assert.rejects(
      project.up(),
      /uno: the Kubernetes Secret absent\/two is that of two, in the stack's state\n.*keeps its name/,
    );
    assert.deepEqual(await cluster.secretData(stack, "two"), before);
    assert.match(only(await project.rotate(["uno"])).error?.message ?? "", /the stack has not provisioned it yet/);
  });
});
