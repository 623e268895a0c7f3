import { spawn } from "node:child_process";
import { once } from "node:events";
import { serviceCommand } from "./manifests";

/** One replica of the sample service as a local process. */
export interface RunningService {
  readonly url: string;
  get(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

/** Starts it with this environment and no other. @throws {Error} with its output when it ends before it listens. */
export async function startService(env: Readonly<Record<string, string>>): Promise<RunningService> {
  const [command = "", ...args] = serviceCommand;
  const child = spawn(command, args, {
    cwd: "/",
    env: { POD_IP: "127.0.0.1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listening = new Promise<string>((resolveUrl) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const [, url] = /^listening on (\S+)\n/m.exec(output) ?? [];
        if (url !== undefined) resolveUrl(url);
      });
    }
  });
  const exited = once(child, "close").then(([code]: (number | null)[]) => code ?? null);
  const url = await Promise.race([listening, exited]);
  if (typeof url !== "string") throw new Error(`the service ended before it listened:\n${output}`);
  return {
    url,
    async get(path) {
      const response = await fetch(url + path, { headers: { connection: "close" } });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    output: () => output,
    signal: (signal) => child.kill(signal),
    exited,
  };
}
