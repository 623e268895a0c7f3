import type { Ports } from "../../ports";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext } from "../protocol";
import { type CertificateParameters, certificateOf } from "./parameters";
import type { CertificateValue } from "./value";

type Endpoint = CertificateParameters["endpoints"][number];

/**
 * Waits until each address of each declared endpoint serves this very certificate, and is trusted by the bundle. Consumers that read
 * their files again need no restart for it, but some time.
 *
 * @throws {CREDENTIAL_REFUSED} with what is served instead
 */
export async function served(context: StrategyContext, value: CertificateValue): Promise<void> {
  const { endpoints, servedWithin } = certificateOf(context);
  await Promise.all(
    endpoints.map(async (endpoint) => {
      let wrong: string | undefined;
      const look = async () => {
        wrong = await wrongAt(context.ports, endpoint, value);
        return wrong === undefined ? true : undefined;
      };
      if (await waitFor(look, { timeoutSeconds: servedWithin })) return;
      const message = `${endpoint.host}:${endpoint.port} does not serve the certificate ${value.serial} after ${servedWithin} s: ${wrong}`;
      const hint =
        "see whether its service reads the files again, or is among the consumers; then run the same command again";
      throw failure(context, "verify", "CREDENTIAL_REFUSED", message, { retryable: true, hint });
    }),
  );
}

/** What is wrong at the first address that does not serve it; undefined: all do. */
async function wrongAt(
  { dns, tls }: Pick<Ports, "dns" | "tls">,
  { host, port, serverName = host }: Endpoint,
  { serial, ca }: CertificateValue,
): Promise<string | undefined> {
  const addresses = await dns.addresses(host);
  if (addresses.length === 0) return "there is no such host";
  const answers = await Promise.all(
    addresses.map(async (address) => ({ address, answer: await tls.ask({ address, port, serverName, ca }) })),
  );
  for (const { address, answer } of answers) {
    if ("failed" in answer) return `no TLS at ${address} (${answer.failed})`;
    if (answer.serial !== serial) return `${address} serves the certificate ${answer.serial}`;
    if (answer.refused !== undefined) return `what ${address} serves is refused (${answer.refused})`;
  }
  return undefined;
}

/** Says before a renewal what answers now: one that nobody can reach would fail the renewal at its end. */
export async function lookAtEndpoints({ ports, findings, secret }: StrategyContext): Promise<void> {
  const { endpoints } = certificateOf({ secret });
  await Promise.all(
    endpoints.map(async ({ host, port, serverName = host }) => {
      const [address] = await ports.dns.addresses(host);
      const answer = address === undefined ? undefined : await ports.tls.ask({ address, port, serverName, ca: "" });
      const at = `${host}:${port}`;
      if (answer && "serial" in answer) findings.fact(`${at} serves the certificate ${answer.serial}`);
      else findings.unknown(`whether ${at} will serve the certificate: no TLS answers there now`);
    }),
  );
}
