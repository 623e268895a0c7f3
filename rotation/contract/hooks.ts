import childProcess, { ChildProcess } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

/** Tells command line and environment of every process that is started from here on. */
export function watchStarts(tell: (texts: readonly string[]) => void): void {
  const prototype = ChildProcess.prototype as unknown as {
    spawn(options: { args: string[]; envPairs: string[] }): number;
  };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    tell([...(options.args ?? []), ...(options.envPairs ?? [])]);
    return spawn.call(this, options);
  };
  for (const name of ["spawnSync", "execFileSync", "execSync"] as const) {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    const told = (...args: unknown[]) => {
      const isPlain = (arg: unknown) => typeof arg === "object" && arg !== null && !Array.isArray(arg);
      const { env = process.env } = (args.find(isPlain) ?? {}) as { env?: NodeJS.ProcessEnv };
      const line = args.filter((arg) => !isPlain(arg)).flat();
      tell([...line.map(String), ...Object.values(env).map(String)]);
      return original(...args);
    };
    Object.assign(childProcess, { [name]: told });
  }
  syncBuiltinESMExports();
}

/** No connection is made from here on: each is refused, as by a machine without such a service. */
export function cutNetwork(): void {
  Socket.prototype.connect = function (this: Socket) {
    process.nextTick(() =>
      this.destroy(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" })),
    );
    return this;
  };
}
