import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/** Who the driver's credentials belong to. */
export interface Sts {
  /** The caller's ARN; needs no permission. */
  caller(): Promise<string | undefined>;
}

export function sts(region: string): Sts {
  const client = new STSClient({ region, maxAttempts: 3 });
  return { caller: async () => (await client.send(new GetCallerIdentityCommand({}))).Arn };
}
