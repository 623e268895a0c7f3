import { lookup } from "node:dns/promises";

/** What the driver asks the resolver. */
export interface Dns {
  /** The addresses of a host, as a connection to it would find them; empty: there is no such host. */
  addresses(host: string): Promise<readonly string[]>;
}

/** The system's, with its hosts file, as the database's client has it. */
export const dns: Dns = Object.freeze({
  async addresses(host: string) {
    const found = await lookup(host, { all: true }).catch(() => []);
    return found.map(({ address }) => address);
  },
});
