import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretVersionUrn } from "../../infra/urns";
import { silent } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import type { Step } from "../../rotation/steps";
import { killEngineOf } from "../integration/killEngine";
import { createProject, type Project, region, useSandbox } from "../integration/project";
import { workloads } from "../integration/workloads";
import { sandboxPaths } from "../sandbox/paths";

const stack = "est-half";
const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
});

interface Exported {
  version: number;
  deployment: { resources: Recorded[]; pending_operations?: object[] };
}
interface Recorded {
  urn: string;
  delete?: boolean;
  id?: string;
  outputs?: object;
}

/**
 * Pulumi marks the old version for deletion as soon as the new one is written, and records the new one a moment later. The state
 * may be saved between the two, for another resource, and the engine be killed then.
 */
describe("a SecretVersion whose replacement was cut off between its two halves", function () {
  this.timeout(300_000);
  let project: Project;
  let folder: string;

  before(async () => {
    folder = sandboxPaths((await useSandbox()).dir).pulumiState;
    project = await createProject(stack);
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    project.declare([secret("cut"), secret("other")]);
    await project.up();
    await rotated("cut", "other");
  });
  after(() => project.remove());

  async function rotated(...names: string[]): Promise<void> {
    const { secrets } = await project.rotate(names);
    for (const { secret: name, outcome, error } of secrets)
      assert.match(outcome, /^(rotated|resumed)$/, `${name}: ${error?.message} ${error?.hint}`);
  }

  const live = () => realPorts({ region }).secretsManager.describe(`${stack}/cut`);

  /** Puts such a state into place of one in which the version was just replaced. */
  function cutOff(): void {
    const file = join(folder, ".pulumi/stacks/secret-rotation", `${stack}.json`);
    const state = JSON.parse(readFileSync(file, "utf8"));
    const { latest } = state.checkpoint;
    const isMade = ({ urn, delete: marked }: Recorded) => urn === secretVersionUrn(stack, "cut") && !marked;
    const { id: _id, outputs: _outputs, ...creating } = latest.resources.find(isMade);
    latest.resources = latest.resources.filter((resource: Recorded) => !isMade(resource));
    latest.pending_operations = [{ type: "creating", resource: creating }];
    writeFileSync(file, JSON.stringify(state));
  }

  it("is mended by the run whose engine was killed, which clears that one's lock", async () => {
    let killed = false;
    const stepStarted = (name: string, step: Step) => {
      if (killed || name !== "cut" || step !== "set") return;
      killed = true;
      killEngineOf(stack);
      cutOff();
    };
    const { secrets } = await project.rotate(["cut", "other"], { observer: { ...silent, stepStarted } });
    assert.ok(killed);
    for (const { error } of secrets) assert.match(error?.message ?? "", /: create: the engine ended .*SIGKILL/);
    const recorded = await project.recorded();
    assert.deepEqual([recorded.get("cut")?.cutOff, recorded.get("cut")?.pending], [false, false]);
    await rotated("other");
    await rotated("cut");
    assert.deepEqual(await project.up(), []);
  });

  async function cutOffByHand(): Promise<void> {
    const pulumi = await project.pulumi();
    const exported = (await pulumi.exportStack()) as Exported;
    const urn = secretVersionUrn(stack, "cut");
    const old = exported.deployment.resources.find((resource) => resource.urn === urn);
    assert.ok(old && !old.delete);
    const { id: _id, outputs: _outputs, ...creating } = old;
    old.delete = true;
    exported.deployment.pending_operations = [{ type: "creating", resource: creating }];
    await pulumi.importStack(exported);
  }

  it("holds up no rotation of another secret", async () => {
    await cutOffByHand();
    await rotated("other");
  });

  it("is rotated like any other", async () => {
    await cutOffByHand();
    await rotated("cut");
  });

  it("loses nothing by pulumi up, which takes the mark out of the state and leaves AWS alone", async () => {
    await cutOffByHand();
    const before = await live();
    assert.deepEqual(await project.up(), ["delete-replaced SecretVersion cut"]);
    assert.deepEqual(await live(), before);
    await rotated("cut", "other");
    assert.deepEqual(await project.up(), []);
  });
});
