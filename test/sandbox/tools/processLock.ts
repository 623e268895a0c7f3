import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * The address of a lock: a Linux abstract socket. The kernel lets one process listen there and frees it when that process
 * ends, however it ends, so there are no stale locks.
 */
export function lockAddress(subject: string): string {
  return `\0secret-rotation:${createHash("sha256").update(subject).digest("hex").slice(0, 32)}`;
}

async function tryLock(address: string): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  try {
    server.listen(address);
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
  const waiting = new Set<import("node:net").Socket>();
  server.on("connection", (socket) => waiting.add(socket).size);
  return async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of waiting) socket.destroy();
    await closed;
  };
}

/** Resolves when the holder lets go: its connection closes then. */
async function released(address: string): Promise<void> {
  const socket = connect(address);
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "close");
}

/** Runs `action` while no other process runs one for the same subject; `onWait` is told once if it has to wait. */
export async function withLock<T>(subject: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  const address = lockAddress(subject);
  for (let waited = false; ; waited = true) {
    const release = await tryLock(address);
    if (release) {
      try {
        return await action();
      } finally {
        await release();
      }
    }
    if (!waited) onWait();
    await released(address);
  }
}
