import { describeError } from "../../errors";
import { AcmeError, type AcmeOrder } from "../../ports/acme";
import type { StrategyContext } from "../protocol";
import type { CertificateParameters } from "./parameters";

/** How the names of an order are proven to be ours. What is made for it is taken away again. */
export function proof(
  { ports, findings }: StrategyContext,
  { dns01, http01 }: NonNullable<CertificateParameters["acme"]>,
): Pick<AcmeOrder, "challenge" | "prove"> {
  if (dns01) {
    return {
      challenge: "dns-01",
      async prove({ name, content }) {
        const record = `_acme-challenge.${name}`;
        const zone = dns01.hostedZoneId;
        await ports.route53.addText(zone, record, content).catch((error: unknown) => {
          throw new AcmeError(`${record} cannot be written in Route 53: ${describeError(error)}`);
        });
        return async () => {
          await ports.route53.removeText(zone, record, content).catch((error: unknown) => {
            findings.warn(`${record} is left in Route 53, remove it: ${describeError(error)}`);
          });
        };
      },
    };
  }
  const port = http01?.port ?? 80;
  return {
    challenge: "http-01",
    async prove({ token, content }) {
      const path = `/.well-known/acme-challenge/${token}`;
      return ports.challengeServer.answer(port, path, content).catch((error: unknown) => {
        throw new AcmeError(`the driver cannot answer at port ${port}: ${describeError(error)}`);
      });
    },
  };
}
