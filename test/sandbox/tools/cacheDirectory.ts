import { homedir } from "node:os";
import { join } from "node:path";

/** $XDG_CACHE_HOME/secret-rotation, or ~/.cache/secret-rotation. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "secret-rotation");
}
