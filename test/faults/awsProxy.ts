import { once } from "node:events";
import { Agent, createServer, type IncomingHttpHeaders, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type ActiveFault, FaultRules } from "./faultRules";

/** An answer as AWS, or what is in front of it, gives it. */
export interface AwsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * What happens to a request that a fault meets:
 * an answer: it is given at once, the server never sees the request;
 * `cut`: the connection is cut, the server never sees the request;
 * `loseAnswer`: the server does it, and the connection is cut in place of the answer, so that the client cannot know;
 * `hold`: it waits until the fault ends, and is passed on then, unless its client has gone;
 * `holdAnswer`: the server does it, and its answer waits until the fault ends.
 */
export type AwsFault = AwsAnswer | "cut" | "loseAnswer" | "hold" | "holdAnswer";

const json = (status: number, type: string, message: string): AwsAnswer => {
  return { status, contentType: "application/x-amz-json-1.1", body: JSON.stringify({ __type: type, message }) };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
export const awsErrors = Object.freeze({
  throttled: json(400, "ThrottlingException", "Rate exceeded"),
  internal: json(500, "InternalServiceError", "An error occurred on the server side."),
  expired: json(400, "ExpiredTokenException", "The security token included in the request is expired"),
  denied: json(400, "AccessDeniedException", "User is not authorized to perform this action"),
  /** What is written is not readable everywhere at once. */
  notFound: json(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value"),
  /** Of a load balancer, say: no JSON at all. */
  html: { status: 500, contentType: "text/html", body: "<html><body><h1>500 Internal Server Error</h1></body></html>" },
});

export interface AwsRequest {
  /** E.g. `PutSecretValue`; of a service without such names (S3) the method, e.g. `PUT`. */
  readonly operation: string;
  /** The secret's name, even where the request has its ARN; "" where it is about none. */
  readonly secret: string;
}

/** Which requests; what is left out matches every one. */
export interface AwsMatch extends Partial<AwsRequest> {
  /** Only so many of them; default: all. */
  readonly times?: number;
}

/**
 * A server in front of an AWS endpoint. Everything passes through it but what meets a fault:
 *
 *     const proxy = await AwsProxy.start(process.env.AWS_ENDPOINT_URL);
 *     const project = await createProject("it", { "aws:endpoints": [{ secretsmanager: proxy.endpoint }] });
 *     const lost = proxy.fault({ operation: "PutSecretValue", secret: "it/one", times: 1 }, "loseAnswer");
 *     … await lost.reached; lost.met; lost.end();
 *     await proxy.stop();
 *
 * By the stack configuration `aws:endpoints` both the provider and the driver of that stack go through it, and nobody
 * else; by AWS_ENDPOINT_URL a process does. Each of them retries what is worth it, so a fault that is to be more than a
 * delay must have no `times`.
 */
export class AwsProxy {
  /** Every request, in the order in which they came. */
  readonly requests: AwsRequest[] = [];
  readonly #pruned = new Set<string>();
  readonly #rules = new FaultRules<AwsRequest, AwsFault>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #target: URL;
  readonly #server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    buffer(incoming)
      .then((body) => this.#serve({ method, url, headers, body }, response))
      .catch(() => response.destroy());
  });

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  /** @param target  the endpoint that is behind it */
  static async start(target = process.env.AWS_ENDPOINT_URL ?? ""): Promise<AwsProxy> {
    const proxy = new AwsProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fault({ operation, secret, times = Number.POSITIVE_INFINITY }: AwsMatch, fault: AwsFault): ActiveFault {
    const matches = (found: AwsRequest) =>
      (operation ?? found.operation) === found.operation && (secret ?? found.secret) === found.secret;
    return this.#rules.add(matches, fault, times);
  }

  /** From now on AWS has this version no more, as when it prunes one without labels; moto keeps all. */
  prune(versionId: string): void {
    this.#pruned.add(versionId);
  }

  /** Ends every fault. */
  heal(): void {
    this.#rules.endAll();
  }

  async stop(): Promise<void> {
    this.heal();
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(call: Call, response: ServerResponse): Promise<void> {
    const asked = requestOf(call);
    this.requests.push(asked);
    const met = this.#rules.meet(asked);
    if (met === undefined) return send(await this.#answer(asked, call), response);
    const { fault, ended, reached } = met;
    const answer = fault === "loseAnswer" || fault === "holdAnswer" ? await this.#pass(call) : undefined;
    reached();
    switch (fault) {
      case "cut":
      case "loseAnswer":
        response.destroy();
        return;
      case "hold":
      case "holdAnswer":
        await ended;
        // A client that was killed meanwhile has not asked for anything any more.
        return response.destroyed ? undefined : send(answer ?? (await this.#pass(call)), response);
      default:
        return send({ ...fault, headers: { "content-type": fault.contentType } }, response);
    }
  }

  async #answer({ operation }: AwsRequest, call: Call): Promise<Answer> {
    if (this.#pruned.size === 0) return this.#pass(call);
    const { VersionId = "" } = operation === "GetSecretValue" ? JSON.parse(call.body.toString("utf8")) : {};
    if (this.#pruned.has(VersionId)) {
      const { contentType, ...gone } = awsErrors.notFound;
      return { ...gone, headers: { "content-type": contentType } };
    }
    const answer = await this.#pass(call);
    const isListed = operation === "DescribeSecret" || operation === "ListSecretVersionIds";
    return isListed && answer.status === 200 ? this.#withoutPruned(answer) : answer;
  }

  #withoutPruned({ status, headers, body }: Answer): Answer {
    const listed = JSON.parse(body.toString());
    for (const id of this.#pruned) delete listed.VersionIdsToStages?.[id];
    listed.Versions = listed.Versions?.filter(({ VersionId }: { VersionId: string }) => !this.#pruned.has(VersionId));
    const { "content-length": _length, ...kept } = headers;
    return { status, headers: kept, body: JSON.stringify(listed) };
  }

  async #pass({ method, url, headers, body }: Call): Promise<Answer> {
    const { hostname, port } = this.#target;
    const outgoing = request({ hostname, port, method, path: url, headers, agent: this.#agent });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, "response")) as [Parameters<typeof buffer>[0] & AnswerHead];
    const { statusCode: status = 502, headers: answered } = incoming;
    return { status, headers: answered, body: await buffer(incoming) };
  }
}

interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
interface AnswerHead {
  readonly statusCode?: number;
  readonly headers: IncomingHttpHeaders;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

function send({ status, headers, body }: Answer, response: ServerResponse): void {
  response.writeHead(status, headers).end(body);
}

function requestOf({ method, headers, body }: Call): AwsRequest {
  const target = headers["x-amz-target"];
  if (typeof target !== "string") return { operation: method, secret: "" };
  const { SecretId, Name } = JSON.parse(body.toString("utf8")) as { SecretId?: string; Name?: string };
  const id = SecretId ?? Name ?? "";
  const [, inArn] = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(id) ?? [];
  return { operation: target.split(".").at(-1) ?? target, secret: inArn ?? id };
}
