import { createServer, type Server } from "node:tls";
import { readMountedSecret } from "../sampleService/service/mountedSecret";

const lookAgainMs = 100;

/**
 * Serves TLS with the files of a Kubernetes Secret of type kubernetes.io/tls, and reads them again when they have changed: only
 * what begins from then on has the new ones, so that nobody's connection breaks.
 *
 * @param folder  where the Secret is mounted
 */
export function serveTls(folder: string, port: number, address: string | undefined): Server {
  const files = () => {
    const { "tls.crt": cert, "tls.key": key } = readMountedSecret(folder, ["tls.crt", "tls.key"]);
    return { cert, key };
  };
  let served = files();
  const server = createServer(served, (socket) => {
    // Whoever shakes hands and leaves is no reason to end.
    socket.on("error", () => undefined);
    socket.end("served\n");
  });
  server.on("tlsClientError", () => undefined);
  const looking = setInterval(() => {
    const found = files();
    if (found.cert === served.cert) return;
    server.setSecureContext(found);
    served = found;
  }, lookAgainMs);
  server.once("close", () => clearInterval(looking));
  return server.listen(port, address);
}
