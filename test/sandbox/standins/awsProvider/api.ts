import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  ResourceNotFoundException,
  type SecretsManagerClient,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-secrets-manager";
import { asString, type PropertyMap, reveal } from "../provider/propertyValues";
import type { AwsConfig } from "./client";

type Command<I extends ServiceInputTypes, O extends ServiceOutputTypes> = Parameters<
  typeof SecretsManagerClient.prototype.send<I, O>
>[0];

/** AWS in the region of one resource; `send` is Secrets Manager's, ended by the signal of one call. */
export interface Api {
  readonly region: string;
  readonly config: AwsConfig;
  readonly signal: AbortSignal;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(command: Command<I, O>): Promise<O>;
  /** The error for what AWS would say does not exist. */
  gone(message: string): Error;
}

export interface ApiCall {
  readonly config: AwsConfig;
  readonly signal: AbortSignal;
  readonly inputs: PropertyMap;
}

/** @throws Error if neither the resource nor the provider nor the environment says which region */
export function apiOf({ config, signal, inputs }: ApiCall): Api {
  const region = asString(reveal(inputs.region ?? null)) ?? config.region;
  if (!region) throw new Error("no AWS region: set it with `pulumi config set aws:region` or in AWS_REGION");
  const client = config.client(region);
  return {
    region,
    config,
    signal,
    s3: config.s3(region),
    kms: config.kms(region),
    send: (command) => client.send(command, { abortSignal: signal }),
    gone: (message) => new ResourceNotFoundException({ message, $metadata: {} }),
  };
}
