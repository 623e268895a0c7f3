// The issuer as a process of its own: `node -r ./policies/typescript.js test/issuer/main.ts [PORT]`. Its first line is its URL.
import type { AddressInfo } from "node:net";
import { issuer } from "./server";

const server = issuer();
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
// Whoever has started it has ended.
process.stdin.resume().on("end", () => process.exit());
