import type { Phase } from "../../../policies/rules/phases";
import type { CertificateParameters } from "./parameters";

/** A third of the lifetime: with 90 days 30 are left, with 45 days 15. */
const leftShare = 1 / 3;

const dayInSeconds = 86_400;

/** Seconds that are left of a whole lifetime when the renewal is due. */
export function leftAtRenewal({
  lifetime,
  renewBefore,
}: Pick<CertificateParameters, "lifetime" | "renewBefore">): number {
  return Math.min(renewBefore ?? lifetime * leftShare, lifetime / 2);
}

/** Seconds from a phase of a new CA to the next one. The certificate in use must not end before that. */
export function phaseWait(
  {
    rolloverWait,
    keepFor = 0,
    ...of
  }: Pick<CertificateParameters, "rolloverWait" | "keepFor" | "lifetime" | "renewBefore">,
  done: Phase,
): number {
  const wait = rolloverWait ?? Math.min(dayInSeconds, Math.floor(leftAtRenewal(of) / 2));
  return done === "activate" ? Math.max(wait, keepFor) : wait;
}

/** From when on a certificate is to be renewed. Never before the half of its lifetime: it would be renewed in every run. */
export function renewalFrom(
  { notBefore, notAfter }: { readonly notBefore: string; readonly notAfter: string },
  { renewBefore }: Pick<CertificateParameters, "renewBefore">,
): Date {
  const [from, to] = [new Date(notBefore).getTime(), new Date(notAfter).getTime()];
  const leftMs = renewBefore === undefined ? (to - from) * leftShare : renewBefore * 1000;
  return new Date(Math.max(to - leftMs, (from + to) / 2));
}
