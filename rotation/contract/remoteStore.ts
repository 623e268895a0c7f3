import type { SecretsManager } from "../ports/secretsManager";
import type { MemoryStore } from "./memoryStore";
import type { Answer, Told } from "./messages";

/** What of the store the rotator's process uses. */
export type Store = SecretsManager & Pick<MemoryStore, "write" | "settle" | "recorded">;

/** The functions of the store that may be asked for. */
export const storeMethods = [
  "describe",
  "list",
  "value",
  "createdAt",
  "moveCurrent",
  "tag",
  "write",
  "settle",
  "recorded",
] as const satisfies readonly (keyof Store)[];

/** The store of the process that started this one. */
export function remoteStore(tell: (told: Told) => void): Store {
  const waiting = new Map<number, (answer: Answer) => void>();
  let calls = 0;
  process.on("message", (message: Answer) => {
    if (!("call" in message)) return;
    waiting.get(message.call)?.(message);
    waiting.delete(message.call);
  });
  const ask = (method: string, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, ({ result, error }) => {
        if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
        else resolve(result);
      });
      tell({ call: calls, method, args });
    });
  const methods = storeMethods.map((method) => [method, (...args: unknown[]) => ask(method, args)]);
  return Object.fromEntries(methods) as Store;
}
