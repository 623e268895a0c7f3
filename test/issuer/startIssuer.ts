import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { typescriptArgs } from "../sandbox/paths";
import type { Fault } from "./faults";

export interface ListedKey {
  readonly id: string;
  readonly label: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** An issuer that runs, and what tests do with it. */
export interface Issuer {
  readonly url: string;
  open(account: string, token: string): Promise<void>;
  fault(fault: Fault): Promise<void>;
  heal(): Promise<void>;
  /** What the account has, asked with its token. */
  keys(account: string): Promise<readonly ListedKey[]>;
  create(account: string, label: string): Promise<{ id: string; key: string }>;
  /** Whether a key is accepted; counts as no use. */
  accepts(account: string, key: string): Promise<boolean>;
  /** What a service does with its key. */
  use(account: string, key: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts one, as a process of its own, which ends with this one at the latest. */
export async function startIssuer(): Promise<Issuer> {
  const script = join(__dirname, "main.ts");
  const child = spawn(process.execPath, [...typescriptArgs, script], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    ended.then(() => Promise.reject(new Error("the issuer has ended"))),
  ])) as [string];
  const tokens = new Map<string, string>();
  const ask = async (method: string, path: string, token: string | undefined, body?: object) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return fetch(`${url}${path}`, init);
  };
  const asked = async <T>(method: string, path: string, token?: string, body?: object): Promise<T> => {
    const answer = await ask(method, path, token, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  };
  return {
    url,
    async open(account, token) {
      tokens.set(account, token);
      await asked("PUT", `/accounts/${account}`, undefined, { token });
    },
    fault: (fault) => asked("POST", "/faults", undefined, fault),
    heal: () => asked("DELETE", "/faults"),
    keys: async (account) =>
      (await asked<{ keys: ListedKey[] }>("GET", `/accounts/${account}/keys`, tokens.get(account))).keys,
    create: (account, label) => asked("POST", `/accounts/${account}/keys`, tokens.get(account), { label }),
    accepts: async (account, key) =>
      (await asked<{ accepted: boolean }>("POST", `/accounts/${account}/verify`, tokens.get(account), { key }))
        .accepted,
    use: async (account, key) => (await ask("GET", `/accounts/${account}/use`, key)).ok,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
