import { z } from "zod";
import type { AwsState, DrivenAwsKind } from "./awsKind";
import type { EcsDeployment, EcsServiceState } from "./awsPorts";
import type { HeldBack } from "./kubernetesKind";

const name = z.string().regex(/^[a-zA-Z0-9_-]{1,255}$/, "must be at most 255 letters, digits, - and _");
const fields = z.strictObject({
  cluster: name.default("default").describe("name of its cluster"),
  name: name.describe("name of the service"),
});
type Fields = z.output<typeof fields>;

/**
 * A service of ECS: a new deployment of the same task definition, whose tasks read the secret when they start.
 *
 * Before it is started, a tag says which version it is for, and which deployment was the newest then. Any newer one has begun after
 * AWSCURRENT had moved: a run that goes on after a kill starts a second one only where there is none.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export const ecsService: DrivenAwsKind = {
  kind: "EcsService",
  about: "ECS: a new deployment of its task definition, which is awaited until it is stable",
  fields,
  id: ({ cluster, name }: Fields) => `${cluster}/${name}`,
  grants({ cluster, name }: Fields, arn) {
    const actions = ["DescribeServices", "TagResource", "UpdateService"].map((action) => `ecs:${action}`);
    return [{ actions, resources: [`${arn("ecs")}:service/${cluster}/${name}`] }];
  },
  async look({ cluster, name }: Fields, { ecs }, marks): Promise<AwsState | undefined> {
    const found = await ecs.service(cluster, name);
    if (!found || found.status === "INACTIVE") return undefined;
    const primary = found.deployments.find(({ status }) => status === "PRIMARY");
    const marked = [...marks].map(([mark, version]) => readMark(found.tags.get(mark), version));
    const before = new Set(marked);
    const later = found.deployments.filter(({ id }) => !before.has(id));
    const broken = marked.includes(undefined) ? undefined : later.find(({ rolloutState }) => rolloutState === "FAILED");
    const isBegun =
      !marked.includes(undefined) && primary !== undefined && later.includes(primary) && primary !== broken;
    return {
      heldBack: heldBack(found),
      isBegun,
      waitsFor: isBegun ? missing(primary, found.deployments) : undefined,
      failed: broken && failureOf(broken, primary),
      drainSeconds: 0,
    };
  },
  async restart({ cluster, name }: Fields, { ecs }, marks) {
    const found = await ecs.service(cluster, name);
    if (!found) return;
    const before = found.deployments.find(({ status }) => status === "PRIMARY")?.id ?? "none";
    await ecs.tag(found.arn, new Map([...marks].map(([mark, version]) => [mark, `${version} ${before}`])));
    await ecs.redeploy(cluster, name);
  },
};

/** The deployment that was the newest before the restart to a version; undefined: it was not begun. */
function readMark(tag: string | undefined, version: string): string | undefined {
  const [marked, before] = tag?.split(" ") ?? [];
  return marked === version ? before : undefined;
}

function missing(primary: EcsDeployment, all: readonly EcsDeployment[]): string | undefined {
  const { rolloutState, running, desired, reason } = primary;
  if (rolloutState !== "COMPLETED") {
    return `${running} of ${desired} tasks of its deployment run${reason === "" ? "" : ` (${reason})`}`;
  }
  const older = all
    .filter((one) => one !== primary)
    .reduce((sum, deployment) => sum + deployment.running + deployment.pending, 0);
  return older > 0 ? `${older} tasks of older deployments have not ended yet` : undefined;
}

function failureOf({ id, reason }: EcsDeployment, primary: EcsDeployment | undefined): string {
  const after = primary?.id === id ? "" : "; the circuit breaker rolls back to the deployment before";
  return `its deployment ${id} has failed${reason === "" ? "" : ` (${reason})`}${after}`;
}

function heldBack({ controller, status, arn }: EcsServiceState): HeldBack | undefined {
  if (status === "DRAINING")
    return { why: "is being deleted", hint: "wait until it is gone, or take it out of the consumers" };
  if (controller !== "ECS") {
    const hint =
      "a rolling update of ECS alone can be started here: give it the deployment controller ECS, or take it out of the consumers and redeploy it by its pipeline";
    return { why: `has the deployment controller ${controller}`, hint };
  }
  if (/:service\/[^/]+$/.test(arn)) {
    const hint =
      "it cannot be tagged: make it anew with the long ARN format (aws ecs put-account-setting --name serviceLongArnFormat --value enabled)";
    return { why: "has an ARN in the old format", hint };
  }
  return undefined;
}
