import { DescribeServicesCommand, ECSClient, TagResourceCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import type { EcsServices } from "../consumers/awsPorts";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
export function ecs(settings: AwsSettings): EcsServices {
  const client = plainErrors(new ECSClient(awsClient(settings, "ecs")));
  return {
    async service(cluster, name) {
      const asked = new DescribeServicesCommand({ cluster, services: [name], include: ["TAGS"] });
      const answer = await client.send(asked).catch((error: Error) => {
        if (error.name === "ClusterNotFoundException") return undefined;
        throw error;
      });
      const found = answer?.services?.[0];
      return (
        found && {
          arn: found.serviceArn ?? "",
          status: found.status ?? "",
          controller: found.deploymentController?.type ?? "ECS",
          tags: new Map((found.tags ?? []).map(({ key = "", value = "" }) => [key, value])),
          deployments: (found.deployments ?? []).map((one) => ({
            id: one.id ?? "",
            status: one.status ?? "",
            rolloutState: one.rolloutState ?? "",
            reason: one.rolloutStateReason ?? "",
            desired: one.desiredCount ?? 0,
            running: one.runningCount ?? 0,
            pending: one.pendingCount ?? 0,
          })),
        }
      );
    },
    async tag(arn, tags) {
      const all = [...tags].map(([key, value]) => ({ key, value }));
      await client.send(new TagResourceCommand({ resourceArn: arn, tags: all }));
    },
    async redeploy(cluster, name) {
      await client.send(new UpdateServiceCommand({ cluster, service: name, forceNewDeployment: true }));
    },
  };
}
