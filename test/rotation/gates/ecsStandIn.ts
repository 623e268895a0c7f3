import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A deployment, as ECS tells of it. */
export interface Deployment {
  readonly id: string;
  readonly status: "PRIMARY" | "ACTIVE";
  readonly rolloutState: "COMPLETED" | "FAILED" | "IN_PROGRESS";
  readonly rolloutStateReason?: string;
  readonly runningCount: number;
  readonly desiredCount: number;
}

/**
 * A service of ECS with what moto leaves out: deployments that take a while, and a circuit breaker. It speaks ECS's protocol, so that the
 * real client asks it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export interface EcsStandIn {
  readonly url: string;
  /** What the service tells after the next redeployment: one list after the other, at each look; the last one stays. */
  next(...states: readonly (readonly Deployment[])[]): void;
  /** What it tells from now on. */
  now(state: readonly Deployment[]): void;
  /** How often it was redeployed. */
  redeployed(): number;
  readonly tags: Map<string, string>;
  stop(): void;
}

export async function startEcs(first: readonly Deployment[]): Promise<EcsStandIn> {
  const tags = new Map<string, string>();
  let deployments = first;
  let planned: (readonly Deployment[])[] = [];
  let coming: (readonly Deployment[])[] = [];
  let redeployed = 0;
  const answers: Record<string, (input: { tags?: { key: string; value: string }[] }) => object> = {
    DescribeServices() {
      deployments = coming.shift() ?? deployments;
      const found = {
        serviceArn: "arn:aws:ecs:eu-west-1:123456789012:service/shop/web",
        status: "ACTIVE",
        deployments,
      };
      return { services: [{ ...found, tags: [...tags].map(([key, value]) => ({ key, value })) }] };
    },
    TagResource(input) {
      for (const { key, value } of input.tags ?? []) tags.set(key, value);
      return {};
    },
    UpdateService() {
      redeployed += 1;
      coming = planned;
      return { service: {} };
    },
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [, action = ""] = String(request.headers["x-amz-target"]).split(".");
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify(answers[action]?.(JSON.parse(body))));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next(...states) {
      planned = [...states];
    },
    now(state) {
      deployments = state;
    },
    redeployed: () => redeployed,
    tags,
    stop: () => server.close(),
  };
}
