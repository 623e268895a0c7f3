import { once } from "node:events";
import { isIP } from "node:net";
import { duplexPair } from "node:stream";
import { connect, createServer, type TLSSocket } from "node:tls";

/** PEM of what both sides of a handshake show, and are trusted by. */
export interface Shown {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}

/** A code such as SELF_SIGNED_CERT_IN_CHAIN for each side; undefined: it is trusted. */
export interface Refusals {
  readonly server: string | undefined;
  readonly client: string | undefined;
}

/** In milliseconds. */
const longestMs = 10_000;

/**
 * A TLS handshake in memory with one certificate on both sides, each verified as OpenSSL does: that the chain leads to the trust
 * bundle, that each CA in it may sign this, and that the certificate is for this use.
 *
 * @param name  a DNS name or an IP address that the client asks for
 */
export async function handshakeInMemory(
  { certificate: cert, privateKey: key, ca }: Shown,
  name: string,
): Promise<Refusals> {
  const [outside, inside] = duplexPair();
  const signal = AbortSignal.timeout(longestMs);
  const sockets: TLSSocket[] = [];
  try {
    const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false });
    const asked = isIP(name) === 0 ? { servername: name } : { host: name };
    const client = connect({ ...asked, socket: outside, cert, key, ca, rejectUnauthorized: false });
    sockets.push(client);
    const refused = once(server, "tlsClientError", { signal }).then(([error]) => error as Error);
    const both = Promise.all([once(client, "secureConnect", { signal }), once(server, "secureConnection", { signal })]);
    server.emit("connection", inside);
    const ended = await Promise.race([both, refused]);
    if (ended instanceof Error) throw ended;
    const [accepted] = ended[1] as [TLSSocket];
    // Nothing is said: each closes as it likes.
    for (const socket of [client, accepted]) socket.on("error", () => undefined);
    sockets.push(accepted);
    return { server: reason(client), client: reason(accepted) };
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "the handshake failed";
    return { server: why, client: why };
  } finally {
    for (const socket of sockets) socket.destroy();
    inside.destroy();
  }
}

/** Node.js has the code there, and types it as an Error. */
function reason({ authorizationError }: TLSSocket): string | undefined {
  const said: unknown = authorizationError;
  if (said === null || said === undefined) return undefined;
  return said instanceof Error ? ((said as NodeJS.ErrnoException).code ?? said.message) : String(said);
}
