import { runVariable } from "../../policies/rules";
import { Pack, type PackOptions } from "./analyzer";

const packs = new Map<string, Promise<Pack>>();

/**
 * One pack process for all tests of this process that need it so: a stack, or a stack with more said of it. It ends with
 * this process.
 */
export function sharedPack(options: PackOptions | string): Promise<Pack> {
  const wanted = typeof options === "string" ? { stack: options } : options;
  const key = JSON.stringify(wanted);
  const pack = packs.get(key) ?? Pack.start(wanted);
  packs.set(key, pack);
  return pack;
}

/** What {@link drivenPack} is told by its environment. */
export const run = "run-1";

/** The pack of stack prod as the driver starts it. */
export function drivenPack(): Promise<Pack> {
  return sharedPack({ stack: "prod", env: { [runVariable]: run } });
}
