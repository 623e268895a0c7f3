import { failure, type StrategyContext } from "../protocol";
import { readCa } from "./ca";
import type { Issuer } from "./issuer";
import { wrongWith } from "./judge";
import { renewalFrom } from "./lifetime";
import { certificateOf } from "./parameters";
import { refusedBy } from "./refusedBy";
import { signed } from "./signed";
import type { CertificateValue } from "./value";

/** A CA whose key is in a secret of its own. It revokes nothing: what it has signed is valid until it expires. */
export const internalCa: Issuer = Object.freeze<Issuer>({
  /** What the CA signs is tried with a certificate that nobody gets: OpenSSL knows all that may stand against it. */
  async check(context) {
    const parameters = { ...certificateOf(context), key: "ecdsa-p256" } as const;
    const ca = await readCa(context, "check");
    const end = ca.certificate.validToDate;
    const tried = await signed(ca, parameters, context.ports);
    const why = wrongWith(tried, parameters, context.ports.clock.now()) ?? (await refusedBy(context, tried));
    if (why !== undefined) throw unusable(context, why);
    const ends = end.toISOString().slice(0, 10);
    if (tried.notAfter !== end.toISOString()) {
      context.findings.fact(`the CA signs such a certificate, and is valid until ${ends}`);
      return;
    }
    if (renewalFrom(tried, parameters) <= context.ports.clock.now()) throw endsTooSoon(context, end);
    context.findings.warn(
      `the CA ends on ${ends}, and the certificate with it: put a new CA into its secret before long`,
    );
  },
  async issue(context): Promise<CertificateValue> {
    return signed(await readCa(context, "create"), certificateOf(context), context.ports);
  },
});

function unusable(context: StrategyContext, why: string) {
  const message = `what the CA signs would be refused: ${why}`;
  const hint =
    "see whether its bundle has its root, and whether it may sign for these names (name constraints, path length, usages)";
  return failure(context, "check", "ROTATOR_FAILED", message, { hint });
}

function endsTooSoon(context: StrategyContext, end: Date) {
  const message = `the CA ends at ${end.toISOString()}: a certificate by it would have to be renewed at once`;
  return failure(context, "check", "ROTATOR_FAILED", message, {
    hint: "put a new CA into its secret, or lower renewBefore",
  });
}
