import type { Phase } from "../../../policies/rules/phases";
import type { Step } from "../../steps";
import type { StrategyContext, Together } from "../protocol";
import { trusted } from "./acme";
import { isBy, readCa, trusts } from "./ca";
import { certificateOf } from "./parameters";
import { refusedBy } from "./refusedBy";
import { type CertificateValue, certificateIn, certificatesIn, pemOf } from "./value";

/*
 * A new issuer in three phases. prepare: the certificate stays, and the bundle has what both are trusted by. activate: a
 * certificate by the new one, and still both. retire: the bundle has the new one alone.
 */

/**
 * What a rotation begins with: by the issuer of now, which may be another one than that which has signed the certificate. A
 * certificate that nobody takes any more needs no phases.
 */
export async function beginning(context: StrategyContext, current: CertificateValue): Promise<Phase> {
  const issuer = await issuerNow(context, "create");
  if (!issuer || (await refusedBy(context, current)) !== undefined) return "retire";
  if (!issuer.isTrustedBy(current.ca)) return "prepare";
  return (await issuer.hasMade(current)) ? "retire" : "activate";
}

interface IssuerNow {
  /** PEM. */
  readonly bundle: string;
  /** Whether those who trust a bundle (PEM) trust what it signs. */
  isTrustedBy(bundle: string): boolean;
  hasMade(current: CertificateValue): Promise<boolean>;
}

/** Undefined: clients trust what Node.js does, of which an ACME server may sign by any. */
async function issuerNow(context: StrategyContext, step: Step): Promise<IssuerNow | undefined> {
  const { ca, acme } = certificateOf(context);
  if (ca) {
    const found = await readCa(context, step);
    return {
      bundle: found.bundle,
      isTrustedBy: (bundle) => trusts(bundle, found),
      hasMade: async (current) => isBy(current, found),
    };
  }
  const bundle = acme && (await trusted(context, step));
  if (bundle === undefined) return undefined;
  return {
    bundle,
    isTrustedBy: (other) => joined(other, bundle) === joined(other, ""),
    hasMade: async (current) => (await refusedBy(context, { ...current, ca: bundle })) === undefined,
  };
}

/** The first phase. */
export async function prepared(context: StrategyContext, current: CertificateValue): Promise<CertificateValue> {
  const { bundle = "" } = (await issuerNow(context, "create")) ?? {};
  return { ...current, ca: joined(current.ca, bundle), rollover: "prepare" };
}

/** The second one; the last one too, where the new bundle has all of the older one. @param made  by the new CA */
export function activated(current: CertificateValue, made: CertificateValue): CertificateValue {
  const ca = joined(current.ca, made.ca);
  const isWhole = certificatesIn(ca).length === certificatesIn(made.ca).length;
  return isWhole ? { ...made, ...ended(current) } : { ...made, ca, rollover: "activate" };
}

/** The last one: the bundle is that of the issuer in use. */
export async function withoutOlder(context: StrategyContext, current: CertificateValue): Promise<CertificateValue> {
  const { bundle } = (await issuerNow(context, "create")) ?? {};
  const isEnough = bundle !== undefined && (await refusedBy(context, { ...current, ca: bundle })) === undefined;
  return { ...current, ca: isEnough ? bundle : await neededFor(context, current), ...ended(current) };
}

/** Certificates by one CA, or with the same roots: each is trusted where the others' bundles are. */
export const together: Together = Object.freeze<Together>({
  sharedBy({ secret }) {
    const { ca, acme } = certificateOf({ secret });
    return (ca?.secret ?? acme?.trust)?.replace(/^arn:.*:secret:(.+)-[A-Za-z0-9]{6}$/, "$1");
  },
  async isReadyFor(context, phase, current) {
    const found = certificateIn(current);
    const issuer = found && (await issuerNow(context, "check"));
    if (!issuer) return true;
    if (phase === "activate" && issuer.isTrustedBy(found.ca)) return true;
    if (phase === "retire" && (await refusedBy(context, { ...found, ca: issuer.bundle })) === undefined) return true;
    // One that nobody takes is renewed at once.
    return (await refusedBy(context, found)) !== undefined;
  },
});

/** Says that nothing is pending, where a value has said anything of that. */
export function ended(current: CertificateValue | undefined): { readonly rollover?: string } {
  return current?.rollover === undefined ? {} : { rollover: "" };
}

/** Of the bundle, what the certificate is trusted by. */
async function neededFor(context: StrategyContext, current: CertificateValue): Promise<string> {
  const needed = await Promise.all(
    certificatesIn(current.ca).map(async (one) => {
      const refused = await refusedBy(context, { ...current, ca: pemOf([one]) });
      return refused === undefined ? [one] : [];
    }),
  );
  return pemOf(needed.flat());
}

/** A bundle of both, each certificate once. */
function joined(one: string, other: string): string {
  const all = [...certificatesIn(one), ...certificatesIn(other)];
  return pemOf([...new Map(all.map((certificate) => [certificate.fingerprint256, certificate])).values()]);
}
