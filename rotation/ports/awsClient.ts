import pLimit from "p-limit";
import pThrottle from "p-throttle";
import type { ProviderSettings } from "../../infra/config/providerSchema";

/** What a client goes by. Credentials come from the environment, as for every AWS tool, unless a profile is named. */
export type AwsSettings = Pick<ProviderSettings, "region"> & Partial<Pick<ProviderSettings, "endpoints" | "profile">>;

/**
 * The options of every AWS client here. Its retries adapt to throttling, and come to an end: what failed then is told.
 *
 * @param service  as `aws:endpoints` names it; without one of its own the endpoint is AWS_ENDPOINT_URL or AWS's own
 */
export function awsClient({ region, endpoints, profile }: AwsSettings, service: string) {
  const endpoint = endpoints?.[service];
  // By default the SDK waits for an answer for ever.
  const requestHandler = { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true };
  const retries = { retryMode: "adaptive", maxAttempts: 5 } as const;
  return {
    region,
    ...retries,
    requestHandler,
    ...(endpoint !== undefined && { endpoint }),
    ...(profile !== undefined && { profile }),
  };
}

interface AnyClient {
  readonly middlewareStack: {
    add(middleware: (next: Send) => Send, options: { step: "initialize"; name: string; priority: "high" }): void;
  };
}
// biome-ignore lint/suspicious/noExplicitAny: each client has types of its own here, and none matters
type Send = (args: any) => Promise<any>;

/**
 * A client whose errors hold nothing of an answer that it could not parse. The SDK reports such a one (the HTML of a
 * proxy, half a value) as a SyntaxError that quotes it, and keeps all of it in hidden fields.
 */
export function plainErrors<Client extends AnyClient>(client: Client): Client {
  const middleware = (next: Send) => async (args: unknown) => {
    try {
      return (await next(args)) as unknown;
    } catch (error) {
      throw error instanceof SyntaxError ? unreadable(error) : error;
    }
  };
  client.middlewareStack.add(middleware, { step: "initialize", name: "plainErrors", priority: "high" });
  return client;
}

/** Fewer than the SDK has sockets (50), where a request would wait with its time running. */
const requestsAtOnce = 20;

/** A client that sends few requests at once, however many it is asked for: the others wait before their time begins. */
export function limited<Client extends AnyClient>(client: Client, atOnce = requestsAtOnce): Client {
  const limit = pLimit(atOnce);
  const middleware = (next: Send) => (args: unknown) => limit(next, args);
  client.middlewareStack.add(middleware, { step: "initialize", name: "limited", priority: "high" });
  return client;
}

/**
 * AWS takes 50 writes of values and labels a second, of an account in a region, whoever does them. The driver and the
 * engine that it runs together do fewer, so that what is between them and AWS may delay some, and others may write too.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
export const writesPerSecond = 40;

/** Resolves when one more value or label may be written. */
export const turnToWrite: () => Promise<void> = pThrottle({ limit: writesPerSecond, interval: 1000, strict: true })(
  async () => undefined,
);

function unreadable(error: SyntaxError): Error {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? "an unknown status";
  const message = `the AWS endpoint answers ${status} with something that is no JSON: a proxy or load balancer, perhaps`;
  return Object.assign(new Error(message), { name: "UnreadableAnswer" });
}
