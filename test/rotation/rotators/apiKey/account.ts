import type { SecretsManager } from "../../../../rotation/ports/secretsManager";

/** An account at the test's issuer, and the full name of the secret with its token. */
export const [account, admin, token] = ["acme", "prod/acme/admin", "token-of-the-account"] as const;

/** Secrets Manager with the account's token alone. */
export const withToken = {
  describe: async () => ({
    arn: "",
    createdAt: undefined,
    tags: {},
    deletedAt: undefined,
    stages: { one: ["AWSCURRENT"] },
  }),
  value: async () => token,
} as unknown as SecretsManager;

export type Asked = [method: string, path: string, body?: object, bearer?: string];

/** Asks the issuer at a URL. */
export const askAt = (url: string, ...[method, path, body, bearer = token]: Asked) =>
  fetch(`${url}${path}`, {
    ...{ method, headers: { authorization: `Bearer ${bearer}` } },
    ...(body && { body: JSON.stringify(body) }),
  });
