import type { Claim } from "../../../infra/config/rotator";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";
import { defineRotator } from "../defineRotator";
import { native } from "../native";
import { userOf } from "./iamIssuer";
import { type ApiKeyParameters, parameters } from "./parameters";
import { properties, steps } from "./steps";

export const apiKey = defineRotator({
  kind: "api-key",
  about: "a key that another service issues",
  type: "api-keys",
  maxAgeDays: 90,
  parameters,
  reads: ({ issuer: { http, openai, sendgrid } }) =>
    [http?.auth.secret, openai?.admin, sendgrid?.admin].filter((name) => name !== undefined),
  claims: claimsOf,
  permissions: ({ issuer: { iam } }) => (iam ? [permissionsFor(iam.user)] : []),
  overlap: "two-live",
  gracePeriod: ({ gracePeriod }) => gracePeriod,
  unusedFor: ({ unusedFor }) => unusedFor,
  secondaryFirst: ({ order }) => order === "secondary-first",
  properties,
  steps,
  strategy: {
    name: "dual-key",
    about: "the issuer makes a new key; both are valid for a grace period, then the older one is deleted there",
  },
  others: {
    manual: { about: "none: people rotate it, and its age is watched", watchedOnly: "it is rotated by hand" },
    native,
  },
});

/** Keys without names tell no two secrets apart. */
function claimsOf({ parameters }: SecretDeclaration): Claim[] {
  const { issuer } = (parameters ?? {}) as Partial<ApiKeyParameters>;
  if (issuer?.iam) {
    const { name } = userOf(issuer.iam.user);
    return [{ key: `iam ${name}`, path: "api-key.issuer.iam.user", what: `the IAM user ${name}` }];
  }
  if (!issuer?.http?.list.dedicated) return [];
  const { url, auth, list } = issuer.http;
  const key = ["keys", url, list.path, auth.secret, auth.property ?? ""].join(" ");
  return [{ key, path: "api-key.issuer.http.list.dedicated", what: `whoever has all keys of ${url}${list.path}` }];
}

function permissionsFor(user: string) {
  return {
    sid: "AccessKeysOfUsers",
    actions: ["CreateAccessKey", "DeleteAccessKey", "GetAccessKeyLastUsed", "ListAccessKeys"].map(
      (one) => `iam:${one}`,
    ),
    resources: [`arn:aws:iam::{account}:user/${user}`],
  };
}
