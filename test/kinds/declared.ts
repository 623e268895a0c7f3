import { declaredIssuers } from "../issuer/declared";

/** So short that a test can wait for them, and longer than a verifier needs to look again. */
export const lifetimes = { cacheSeconds: 2, tokenSeconds: 4, keyActivationSeconds: 15 } as const;

/** The Deployment, and the Service of its HTTP port. */
export const serviceName = "web";
/** The Service of its TLS port. */
export const tlsServiceName = "web-tls";
export const serverName = "web.shop.test";

/** Names of the secrets, which are those of their Kubernetes Secrets. */
export const kindNames = ["acme", "mailer", "web-tls", "tokens", "jwt"] as const;
export type KindName = (typeof kindNames)[number];

/** What surrounds the secrets. */
export interface Around {
  readonly namespace: string;
  /** Where the issuer of each API key is asked. */
  readonly issuers: Readonly<Record<"acme" | "mailer", string>>;
  /** Full names: of the secrets with the token of each account, and with the CA. */
  readonly admins: Readonly<Record<"acme" | "mailer", string>>;
  readonly caSecret: string;
}

/** A secret of each kind that has phases of its own, and one of kind jwt: all for one Deployment. */
export function declaredKinds({ namespace, issuers, admins, caSecret }: Around): object[] {
  const secret = (name: KindName, kind: string, keys: Record<string, string>, parameters?: object) => ({
    ...{ name, kind, ...(parameters && { [kind]: parameters }) },
    externalSecret: {
      target: name,
      ...(kind === "certificate" && { type: "kubernetes.io/tls" }),
      keys: Object.entries(keys).map(([key, property]) => ({ key, property })),
    },
    consumers: [{ namespace, name: serviceName, takes: name === "mailer" || name === "jwt" ? "env" : "volume" }],
  });
  const issuer = (name: "acme" | "mailer") => declaredIssuers(issuers[name], name, admins[name]).openai;
  const { cacheSeconds, tokenSeconds } = lifetimes;
  return [
    secret(
      "acme",
      "api-key",
      { key: "key", keySecondary: "keySecondary" },
      { issuer: issuer("acme"), gracePeriod: "0s" },
    ),
    secret("mailer", "api-key", { key: "key" }, { issuer: issuer("mailer"), order: "immediate", gracePeriod: "0s" }),
    secret(
      "web-tls",
      "certificate",
      { "tls.crt": "certificate", "tls.key": "privateKey", "ca.crt": "ca" },
      { names: [serverName], ca: { secret: caSecret }, rolloverWait: "0s" },
    ),
    secret(
      "tokens",
      "signing-keys",
      { kid: "kid", alg: "alg", "private.pem": "privateKey", "jwks.json": "jwks" },
      { cacheTime: `${cacheSeconds}s`, tokenLifetime: `${tokenSeconds}s` },
    ),
    secret("jwt", "jwt", { current: "current", previous: "previous" }),
  ];
}
