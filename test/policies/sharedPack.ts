import { after } from "mocha";
import { Pack, type PackOptions } from "./analyzer";

const packs = new Map<string, Promise<Pack>>();

/** One pack process for all tests that need it so: a stack, or a stack with more said of it. */
export function sharedPack(options: PackOptions | string): Promise<Pack> {
  const wanted = typeof options === "string" ? { stack: options } : options;
  const key = JSON.stringify(wanted);
  const pack = packs.get(key) ?? Pack.start(wanted);
  packs.set(key, pack);
  return pack;
}

// A hook of the root suite: it runs after the last test of the last file.
after(async () => {
  for (const pack of await Promise.allSettled(packs.values())) {
    if (pack.status === "fulfilled") await pack.value.stop();
  }
});
