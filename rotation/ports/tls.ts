import { isIP } from "node:net";
import { checkServerIdentity, connect, rootCertificates } from "node:tls";
import { handshakeInMemory, type Refusals, type Shown } from "./tlsInMemory";

export interface TlsQuestion {
  readonly address: string;
  readonly port: number;
  /** A DNS name or an IP address, which the certificate is to be for. */
  readonly serverName: string;
  /** PEM of what is trusted; empty: the system's. */
  readonly ca: string;
}

/** What a server shows. */
export interface TlsShown {
  /** Of its certificate, hexadecimal in capitals. */
  readonly serial: string;
  /** Why a client that verifies would refuse it; undefined: it would not. */
  readonly refused: string | undefined;
}

/** TLS, with servers and by itself. */
export interface Tls {
  /** A handshake that verifies, and ends the connection then. Never throws. @returns a code such as ECONNREFUSED where it failed */
  ask(question: TlsQuestion): Promise<TlsShown | { readonly failed: string }>;
  /** What a handshake says of a certificate that nobody serves yet. @param name  that a client asks for */
  inMemory(shown: Shown, name: string): Promise<Refusals>;
  /** PEM of the roots that Node.js trusts. */
  roots(): readonly string[];
}

const longestMs = 5000;

export const tls: Tls = Object.freeze<Tls>({
  inMemory: handshakeInMemory,
  roots: () => rootCertificates,
  ask: ({ address, port, serverName, ca }) =>
    new Promise((resolve) => {
      const socket = connect({
        host: address,
        port,
        ...(isIP(serverName) === 0 && { servername: serverName }),
        ...(ca !== "" && { ca }),
        rejectUnauthorized: false,
        timeout: longestMs,
        // Of an address that was looked up nobody verifies that.
        checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
      });
      const end = (answer: TlsShown | { readonly failed: string }) => {
        socket.destroy();
        resolve(answer);
      };
      socket.once("secureConnect", () => {
        const serial = socket.getPeerX509Certificate()?.serialNumber;
        const said: unknown = socket.authorizationError;
        if (serial === undefined) return end({ failed: "it shows no certificate" });
        return end({ serial, refused: said ? codeOf(said) : undefined });
      });
      socket.once("error", (error) => end({ failed: codeOf(error) }));
      socket.once("timeout", () => end({ failed: `no answer within ${longestMs / 1000} s` }));
    }),
});

/** No text: it may quote what a server has sent. */
function codeOf(error: unknown): string {
  if (typeof error === "string") return error;
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
