import { z } from "zod";
import { duration } from "../../../infra/config/duration";
import { isAddress } from "../../../infra/config/hostName";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";

const name = z
  .string()
  .refine(
    (text) =>
      isAddress(text) ||
      (text.length <= 253 && /^(\*\.)?[a-z0-9_]([-a-z0-9_]*[a-z0-9])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9])?)*$/.test(text)),
    "must be a DNS name in lower case (other scripts as xn--…), which may begin with *., or an IP address",
  );
const secretName = z.string().min(1);
const port = z.number().int().min(1).max(65535);

/** How long an order at an ACME server may take, in seconds. */
export const longestOrderSeconds = 300;

/** The block `certificate` of a declaration. */
export const parameters = z.strictObject({
  names: z
    .array(name)
    .min(1)
    .max(100)
    .describe("the DNS names and IP addresses that it is for; the first one is its common name"),
  key: z
    .enum(["ecdsa-p256", "rsa-2048", "rsa-3072", "rsa-4096"])
    .default("ecdsa-p256")
    .describe("its key, new each time"),
  usages: z
    .array(z.enum(["server", "client"]))
    .min(1)
    .default(["server"])
    .describe("whether servers or clients show it; of an ACME server that server decides"),
  lifetime: duration({ min: "10m", max: "825d" })
    .prefault("90d")
    .describe("how long it is valid; of an ACME server that server decides"),
  renewBefore: duration({ min: "1m", max: "800d" })
    .optional()
    .describe("it is renewed from this time before its end on; default: when a third of its lifetime is left"),
  ca: z
    .strictObject({
      secret: secretName,
      kmsKey: z
        .string()
        .regex(
          /^(arn:aws[-a-z]*:kms:[-a-z0-9]+:\d{12}:key\/)?[-A-Za-z0-9]{1,64}$/,
          "must be the id or the ARN of a KMS key (no alias: the policy allows that key alone)",
        )
        .optional(),
    })
    .optional()
    .describe(
      "secret: full name or ARN of the secret that holds the CA that signs, as JSON with certificate (PEM, with its intermediates), privateKey (PEM) and, where it differs from the CA's root, bundle (PEM: what clients trust); kmsKey: id or ARN of the asymmetric KMS key that signs, where the secret has no privateKey",
    ),
  rolloverWait: duration({ min: "0s", max: "30d" })
    .optional()
    .describe(
      "of a new CA: how long clients have to take the bundle with both CAs, and then the old one is trusted, at least; default: 1d, of short lifetimes half of what is left at the renewal",
    ),
  keepFor: duration({ min: "0s", max: "800d" })
    .optional()
    .describe(
      "of a new CA: how long the certificate by the old one stays good after it was replaced, at least, unless it expires before; default: rolloverWait. Without a new CA it is good until it expires",
    ),
  acme: z
    .strictObject({
      directory: z.url({ protocol: /^https$/ }),
      account: secretName,
      email: z.email().optional(),
      dns01: z
        .strictObject({
          hostedZoneId: z.string().regex(/^[A-Za-z0-9]{1,32}$/, "must be the id of a hosted zone, e.g. Z0123456789"),
        })
        .optional(),
      http01: z.strictObject({ port: port.default(80) }).optional(),
      trust: secretName.optional(),
    })
    .optional()
    .describe(
      "directory: URL of the ACME server's directory; account: full name or ARN of the secret that holds the account's key (PEM); email; dns01: {hostedZoneId} of Route 53, or http01: {port} where the driver answers; trust: full name or ARN of the secret with the roots (PEM) that clients trust, default: those of Node.js",
    ),
  endpoints: z
    .array(z.strictObject({ host: z.string().min(1), port: port.default(443), serverName: name.optional() }))
    .default([])
    .describe(
      "where consumers serve with it: host, port, serverName (default: host). The rotation ends when each address of each of them serves the new one",
    ),
  servedWithin: duration({ min: "1s", max: "30m" })
    .prefault("3m")
    .describe("how long consumers may take to serve with it, after their rollout"),
});

export type CertificateParameters = z.output<typeof parameters>;

/** @throws Error for a secret of another kind, or one that the driver does not renew */
export function certificateOf({ secret }: { readonly secret: SecretDeclaration }): CertificateParameters {
  if (secret.kind !== "certificate" || !secret.parameters) throw new Error(`${secret.name} has no certificate section`);
  return secret.parameters as CertificateParameters;
}
