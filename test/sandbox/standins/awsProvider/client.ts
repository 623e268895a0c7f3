import { setTimeout as delay } from "node:timers/promises";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import {
  ResourceNotFoundException,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from "@aws-sdk/client-secrets-manager";
import { plainErrors } from "../../../../rotation/ports/awsClient";
import { asMap, asString, type PropertyMap, reveal } from "../provider/propertyValues";

/** The provider's configuration, as far as the stand-in heeds it; the rest comes from the environment. */
export interface AwsConfig {
  readonly region: string | undefined;
  readonly defaultTags: Readonly<Record<string, string>>;
  /** A client for a region. Credentials come from the profile, or from the environment, as everywhere in the SDK. */
  client(region: string): SecretsManagerClient;
  s3(region: string): S3Client;
  kms(region: string): KMSClient;
  /** The client of any other service, kept as these are. */
  of(service: string, region: string, create: (options: ClientOptions) => object): object;
}

/** How long AWS may take until what was written is seen everywhere. */
export const propagationSeconds = 120;

export function configure(args: PropertyMap): AwsConfig {
  return {
    region: asString(args.region) ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    defaultTags: stringMap(asMap(nested(args.defaultTags)).tags),
    client: kept("secretsmanager", args, (options) => plainErrors(new SecretsManagerClient(options))),
    s3: kept("s3", args, (options) => new S3Client(options)),
    kms: kept("kms", args, (options) => new KMSClient(options)),
    of: (service, region, create) => kept(service, args, create)(region),
  };
}

/** By what they depend on, but for the environment's part. Kept, as an engine that comes finds open connections. */
const clients = new Map<string, object>();

export interface ClientOptions {
  readonly region: string;
  readonly maxAttempts: number;
  readonly endpoint?: string;
  readonly profile?: string;
}

function kept<Client extends object>(service: string, args: PropertyMap, create: (options: ClientOptions) => Client) {
  const endpoint = asString(endpointsOf(args)[service]);
  const profile = asString(args.profile);
  const maxAttempts = attempts(args);
  const more = { ...(endpoint !== undefined && { endpoint }), ...(profile !== undefined && { profile }) };
  return (region: string): Client => {
    const key = [service, region, endpoint, profile, maxAttempts].join(" ");
    const client = clients.get(key) ?? create({ region, maxAttempts, ...more });
    clients.set(key, client);
    return client as Client;
  };
}

/** `aws:endpoints`: a list of objects with a URL by service. */
function endpointsOf({ endpoints }: PropertyMap): PropertyMap {
  const list = nested(endpoints);
  return Object.assign({}, ...(Array.isArray(list) ? list.map(asMap) : []));
}

/** The real provider retries 25 times. Here a server that is down is not coming back within minutes. */
function attempts({ maxRetries }: PropertyMap): number {
  const retries = nested(maxRetries);
  return retries === null ? Number(process.env.AWS_MAX_ATTEMPTS ?? 8) : Number(retries) + 1;
}

/** Objects in a provider's configuration arrive as JSON. */
function nested(value: PropertyMap[string] | undefined): PropertyMap[string] {
  const plain = reveal(value ?? null);
  return typeof plain === "string" ? (JSON.parse(plain) as PropertyMap[string]) : plain;
}

function stringMap(value: PropertyMap[string] | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(asMap(value)).map(([key, item]) => [key, String(item)]));
}

/** What S3, KMS, IAM and CloudWatch say: of a bucket, of each of its settings, of a key, a role, a dashboard. */
const notFound = new Set([
  "NoSuchBucket",
  "NotFound",
  "NoSuchBucketPolicy",
  "NoSuchPublicAccessBlockConfiguration",
  "NoSuchLifecycleConfiguration",
  "ServerSideEncryptionConfigurationNotFoundError",
  "ObjectLockConfigurationNotFoundError",
  "NotFoundException",
  "NoSuchEntityException",
  "NoSuchEntity",
  "ResourceNotFound",
  "DashboardNotFoundError",
]);

/** Whether AWS says that there is no such thing, or that it is about to be deleted. */
export function isGone(error: unknown): boolean {
  if (error instanceof ResourceNotFoundException) return true;
  if (error instanceof Error && notFound.has(error.name)) return true;
  return (
    error instanceof SecretsManagerServiceException &&
    error.name === "InvalidRequestException" &&
    /was deleted|marked for deletion|scheduled for deletion/.test(error.message)
  );
}

/** An error of AWS with what was tried, its code and its message. No secret may be part of either. */
export function awsError(what: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`${what}: ${String(error)}`);
  return new Error(`${what}: ${error.name}: ${error.message}`, { cause: error });
}

/** Repeats `attempt` as long as what it throws is worth another try. */
export async function retryWhile<T>(
  attempt: () => Promise<T>,
  worthIt: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + propagationSeconds * 1000;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 3000)) {
    try {
      return await attempt();
    } catch (error) {
      if (!worthIt(error) || Date.now() >= deadline) throw error;
    }
    await delay(pauseMs, undefined, { signal });
  }
}
