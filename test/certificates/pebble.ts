import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { readCa } from "../../rotation/rotators/certificate/ca";
import { parameters } from "../../rotation/rotators/certificate/parameters";
import { signed } from "../../rotation/rotators/certificate/signed";
import { freePort } from "../sandbox/process/freePort";
import { waitFor } from "../sandbox/process/waitFor";
import { installPebble } from "../sandbox/tools";
import { createProgress } from "../sandbox/tools/progress";
import { caContext } from "./caContext";
import { testCa } from "./testCa";

export interface Pebble {
  readonly directory: string;
  /** Where it asks for proofs by HTTP. */
  readonly httpPort: number;
  /** PEM. */
  root(): Promise<string>;
  /** `Valid` or `Revoked`. @param serial  hexadecimal */
  statusOf(serial: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts Pebble, as a process that ends with this one. Its own API's certificate is by a CA that this process trusts from then on.
 *
 * @param dns  HOST:PORT of the name server that it asks
 */
export async function startPebble(dns: string): Promise<Pebble> {
  const program = await installPebble(createProgress());
  const folder = mkdtempSync(join(tmpdir(), "pebble-"));
  const [api, management, httpPort] = [await freePort(), await freePort(), await freePort()];
  const { pem, secret } = await testCa({ name: "CA of Pebble's API" });
  const own = caContext(secret, { names: ["localhost"] });
  const { certificate, privateKey } = await signed(
    await readCa(own, "check"),
    parameters.parse({ names: ["localhost"] }),
    own.ports,
  );
  setDefaultCACertificates([...getCACertificates("default"), pem]);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const pebble = {
    listenAddress: `127.0.0.1:${api}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file("cert.pem", certificate),
    privateKey: file("key.pem", privateKey),
    httpPort,
    tlsPort: await freePort(),
    domainBlocklist: ["blocked.test"],
    retryAfter: { authz: 1, order: 1 },
    keyAlgorithm: "ecdsa",
    profiles: { default: { description: "90 days", validityPeriod: 90 * 86_400 } },
  };
  const config = file("config.json", JSON.stringify({ pebble }));
  const env = { PEBBLE_VA_NOSLEEP: "1", PEBBLE_AUTHZREUSE: "0", PATH: process.env.PATH ?? "" };
  const child: ChildProcess = spawn(program, ["-config", config, "-dnsserver", dns], { env, stdio: "ignore" });
  const endWithThis = () => child.kill("SIGKILL");
  process.once("exit", endWithThis);
  const directory = `https://localhost:${api}/dir`;
  const managed = async (path: string) => (await fetch(`https://localhost:${management}${path}`)).text();
  await waitFor("Pebble to answer", async () => (await fetch(directory).catch(() => undefined))?.ok, {
    timeoutMs: 60_000,
    intervalMs: 100,
  });
  return {
    directory,
    httpPort,
    root: () => managed("/roots/0"),
    statusOf: async (serial) => JSON.parse(await managed(`/cert-status-by-serial/${serial.toLowerCase()}`)).Status,
    async stop() {
      process.removeListener("exit", endWithThis);
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
