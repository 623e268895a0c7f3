import assert from "node:assert/strict";
import { secretVersionUrn } from "../../infra/urns";
import { realPorts } from "../../rotation/ports";
import { createProject, type Project, region } from "../integration/project";
import { workloads } from "../integration/workloads";

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

  before(async () => {
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
      assert.equal(outcome, "rotated", `${name}: ${error?.message} ${error?.hint}`);
  }

  const live = () => realPorts({ region }).secretsManager.describe(`${stack}/cut`);

  beforeEach(async () => {
    const pulumi = await project.pulumi();
    const exported = (await pulumi.exportStack()) as Exported;
    const urn = secretVersionUrn(stack, "cut");
    const old = exported.deployment.resources.find((resource) => resource.urn === urn);
    assert.ok(old && !old.delete);
    const { id: _id, outputs: _outputs, ...creating } = old;
    old.delete = true;
    exported.deployment.pending_operations = [{ type: "creating", resource: creating }];
    await pulumi.importStack(exported);
  });

  it("holds up no rotation of another secret", () => rotated("other"));

  it("is rotated like any other", () => rotated("cut"));

  it("loses nothing by pulumi up, which takes the mark out of the state and leaves AWS alone", async () => {
    const before = await live();
    assert.deepEqual(await project.up(), ["delete-replaced SecretVersion cut"]);
    assert.deepEqual(await live(), before);
    await rotated("cut", "other");
    assert.deepEqual(await project.up(), []);
  });
});
