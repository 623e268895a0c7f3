import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

const types = { A: 1, TXT: 16 } as const;

export interface DnsServer {
  /** HOST:PORT. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * A name server over TCP: every host is 127.0.0.1, TXT records are as the function says, and there is nothing else.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1035#section-4
 */
export async function dnsServer(textsAt: (name: string) => Promise<readonly string[]>): Promise<DnsServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let read = Buffer.alloc(0);
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (more) => {
      read = Buffer.concat([read, more]);
      // Each message has its length before it.
      while (read.length >= 2 && read.length >= 2 + read.readUInt16BE(0)) {
        const query = read.subarray(2, 2 + read.readUInt16BE(0));
        read = read.subarray(2 + query.length);
        void answerTo(query, textsAt).then((answer) => {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length);
          socket.write(Buffer.concat([length, answer]));
        });
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function answerTo(query: Buffer, textsAt: (name: string) => Promise<readonly string[]>): Promise<Buffer> {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join(".").toLowerCase();
  const data =
    type === types.A
      ? [Buffer.from([127, 0, 0, 1])]
      : type === types.TXT
        ? (await textsAt(name)).map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]))
        : [];
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // An answer with authority, recursion available, no error; one question.
  head.writeUInt16BE(0x8580, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 6);
  const records = data.map((rdata) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(rdata.length, 10);
    return Buffer.concat([record, rdata]);
  });
  return Buffer.concat([head, question, ...records]);
}
