import { once } from "node:events";
import { createServer } from "node:net";

// Below the range from which the kernel takes ports for outgoing connections: none of those can take a port that was found
// free here before its server listens there.
const first = 20_000;
const count = 12_000;
const tries = 100;

const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  const closed = once(server, "close");
  server.close();
  await closed;
  return true;
}

/** A TCP port on 127.0.0.1 that nothing listens on and that this process has not been given before. */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = first + Math.floor(random() * count);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port among ${tries} tried between ${first} and ${first + count}`);
}
