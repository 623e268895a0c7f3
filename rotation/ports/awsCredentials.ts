import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type AwsSettings, awsClient } from "./awsClient";

/** The credentials that the driver and its engine work with. Never the credentials themselves. */
export interface AwsCredentials {
  current(): Promise<CredentialsLife>;
}

export interface CredentialsLife {
  /**
   * Whether nobody renews them: those of the environment. Those of a profile, SSO, a web identity or a machine's role are
   * asked for anew by each SDK.
   */
  readonly fixed: boolean;
  /** Whether they are a session's, which ends, and not a user's access key. */
  readonly temporary: boolean;
  /** Undefined: it is not known. */
  readonly expiresAt: Date | undefined;
}

export function awsCredentials(settings: AwsSettings): AwsCredentials {
  return {
    async current() {
      // A client resolves them as every other one of the same settings does. It sends nothing.
      const client = new SecretsManagerClient(awsClient(settings, "secretsmanager"));
      const { accessKeyId, sessionToken, expiration } = await client.config.credentials();
      const isKnown = expiration !== undefined && !Number.isNaN(expiration.getTime());
      return {
        fixed: accessKeyId === process.env.AWS_ACCESS_KEY_ID,
        temporary: sessionToken !== undefined,
        expiresAt: isKnown ? expiration : undefined,
      };
    },
  };
}
