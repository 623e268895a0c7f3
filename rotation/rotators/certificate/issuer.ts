import type { StrategyContext } from "../protocol";
import type { CertificateValue } from "./value";

/** Who signs certificates. */
export interface Issuer {
  /** Refuses, before anything is written, what can be known to fail. */
  check(context: StrategyContext): Promise<void>;
  /** A new key and its certificate. */
  issue(context: StrategyContext): Promise<CertificateValue>;
  /** From when on the issuer wants it to be renewed; undefined: it does not say. */
  renewFrom?(context: StrategyContext, value: CertificateValue): Promise<Date | undefined>;
  /** Takes a certificate out of use, where the issuer can. */
  revoke?(context: StrategyContext, value: CertificateValue): Promise<void>;
}
