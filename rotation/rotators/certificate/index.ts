import { isAddress } from "../../../infra/config/hostName";
import type { Problem } from "../../../infra/config/problem";
import type { AwsPermission } from "../../../infra/config/rotator";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";
import { defineRotator } from "../defineRotator";
import { native } from "../native";
import { leftAtRenewal } from "./lifetime";
import { type CertificateParameters, certificateOf, longestOrderSeconds, parameters } from "./parameters";
import type * as steps from "./renewal";

export const certificate = defineRotator({
  kind: "certificate",
  about: "a certificate and its key",
  type: "certificates",
  maxAgeDays: 365,
  parameters,
  strategies: {
    renewal: {
      about:
        "a new key and a certificate for it, by a CA of one's own or by ACME, when a third of the lifetime is left",
      problems,
      steps: () => (require("./renewal") as typeof steps).renewal,
    },
    manual: { about: "none: people renew it, and its end is watched", watchedOnly: "it is renewed by hand" },
    native,
  },
  waits: ({ parameters: given }) => {
    if (!given) return 0;
    const { endpoints, servedWithin, acme } = given as CertificateParameters;
    return (endpoints.length > 0 ? servedWithin : 0) + (acme ? longestOrderSeconds : 0);
  },
  permissions: ({ ca, acme }) => [
    ...(ca?.kmsKey === undefined ? [] : [signingBy(ca.kmsKey)]),
    ...(acme?.dns01 ? provingIn(acme.dns01.hostedZoneId) : []),
  ],
  reads: ({ ca, acme }) => [ca?.secret, acme?.account, acme?.trust].filter((name) => name !== undefined),
});

/** Of this key alone; that of several CAs is one statement. */
function signingBy(key: string): AwsPermission {
  const resources = [key.startsWith("arn:") ? key : `arn:aws:kms:{region}:{account}:key/${key}`];
  return { sid: "SignCertificates", actions: ["kms:GetPublicKey", "kms:Sign"], resources };
}

/** @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html */
function provingIn(zone: string): AwsPermission[] {
  const at = [`arn:aws:route53:::hostedzone/${zone}`];
  const records = {
    "ForAllValues:StringLike": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"] },
    "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] },
  };
  const change = ["route53:ChangeResourceRecordSets"];
  const read = ["route53:GetHostedZone", "route53:ListResourceRecordSets"];
  return [
    { sid: `Prove${zone}`, actions: change, resources: at, condition: records },
    { sid: `ProofsIn${zone}`, actions: read, resources: at },
    { sid: "ProofsAreThere", actions: ["route53:GetChange"], resources: ["arn:aws:route53:::change/*"] },
  ];
}

function problems(secret: SecretDeclaration, at: string): Problem[] {
  const { ca, acme, names, lifetime, renewBefore, rolloverWait = 0, keepFor = 0 } = certificateOf({ secret });
  const found: Problem[] = [];
  const report = (field: string, message: string) => found.push({ path: `${at}.certificate.${field}`, message });
  if (!ca === !acme) report("ca", "exactly one of ca and acme is needed: who signs the certificate");
  if (new Set(names).size !== names.length) report("names", "says one twice");
  if (ca && renewBefore !== undefined && renewBefore >= lifetime) {
    report("renewBefore", "must be shorter than lifetime: it would be renewed in every run");
  }
  const left = leftAtRenewal({ lifetime, renewBefore });
  if (ca && rolloverWait >= left) {
    report("rolloverWait", "must be shorter than what is left at a renewal: the certificate would end before");
  }
  if (ca && keepFor >= lifetime - left) {
    report("keepFor", "must be shorter than the time until the next renewal, which would have to wait for its end");
  }
  if (!acme) return found;
  const address = names.find((name) => isAddress(name));
  if (address !== undefined) report("names", `${address} is an IP address, which ca alone signs for here`);
  if (!acme.dns01 === !acme.http01)
    report("acme", "exactly one of dns01 and http01 is needed: how the names are proven");
  const wild = names.find((name) => name.startsWith("*."));
  if (acme.http01 && wild !== undefined) report("names", `${wild} can be proven by dns01 alone`);
  return found;
}
