import type { PropertyMap } from "../provider/propertyValues";
import type { Api } from "./api";

const services = {
  iam: async () => (await import("@aws-sdk/client-iam")).IAM,
  sns: async () => (await import("@aws-sdk/client-sns")).SNS,
  cloudwatch: async () => (await import("@aws-sdk/client-cloudwatch")).CloudWatch,
};

/** As `aws:endpoints` names it. */
export type Service = keyof typeof services;

/** A service's aggregated client: a method for each operation. */
type Client = Readonly<Record<string, (request: object, options: { abortSignal: AbortSignal }) => Promise<object>>>;

/** Calls an operation by its name. A service's SDK is loaded when a resource needs it. @returns its answer; dates as text */
export async function callService(
  { config, region, signal }: Api,
  service: Service,
  operation: string,
  request: object,
): Promise<PropertyMap> {
  const load: () => Promise<new (options: object) => object> = services[service];
  const Client = await load();
  const client = config.of(service, region, (options) => new Client(options)) as Client;
  const answer = await client[operation]?.(request, { abortSignal: signal });
  if (answer === undefined) throw new Error(`the SDK of ${service} has no operation ${operation}`);
  const { $metadata: _, ...told } = answer as { $metadata?: unknown };
  return JSON.parse(JSON.stringify(told)) as PropertyMap;
}
