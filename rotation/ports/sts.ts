import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { awsClient } from "./awsClient";

/** Who the driver's credentials belong to. */
export interface Sts {
  /** The caller's ARN; needs no permission. */
  caller(): Promise<string | undefined>;
}

export function sts(region: string, endpoint?: string): Sts {
  const client = new STSClient({ ...awsClient(region, endpoint), maxAttempts: 3 });
  return { caller: async () => (await client.send(new GetCallerIdentityCommand({}))).Arn };
}
