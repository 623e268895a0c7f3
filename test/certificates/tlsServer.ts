// A service that serves TLS with mounted files, and reads them again when they have changed, without a restart:
// `tlsServer.ts FOLDER PORT`. The folder is where its Kubernetes Secret of type kubernetes.io/tls is mounted.
import { serveTls } from "./serveTls";

const [, , folder = "", port = "8443"] = process.argv;
const lameduckMs = 5000;

const server = serveTls(folder, Number(port), process.env.POD_IP);

// Clients learn a moment later that this one is to end, and come until then. Whoever has come is served to the end.
process.once("SIGTERM", () => setTimeout(() => server.close(() => process.exit()), lameduckMs));
