import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsSettings, awsClient } from "./awsClient";

/** Who the driver's credentials belong to. */
export interface Sts {
  /** The caller's ARN; needs no permission. Fails within some seconds where STS cannot be reached, as behind VPC endpoints. */
  caller(): Promise<string | undefined>;
}

export function sts(settings: AwsSettings): Sts {
  const client = new STSClient({ ...awsClient(settings, "sts"), maxAttempts: 3 });
  return {
    async caller() {
      const asked = client.send(new GetCallerIdentityCommand({}), { abortSignal: AbortSignal.timeout(3000) });
      return (await asked).Arn;
    },
  };
}
