import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const ownName = "secret-rotation";
/** Made where they are missing: what the engine writes into them is for every user of the home. */
const sharedFolders = ["plugins", "workspaces"];

/**
 * The folder of Pulumi's files for the driver's engines: the user's own but for `logs`. The engine logs whatever it is
 * given into that folder, values too, encrypted by the stack's secrets provider, and keeps it for a week; nothing can
 * turn that off but a folder that cannot be one. (It takes up to half of the engine's time as well.)
 *
 * @param home  the user's; default: as for `pulumi`
 * @see https://github.com/pulumi/pulumi/blob/master/pkg/logging/encrypted.go
 */
export function engineHome(home = process.env.PULUMI_HOME || join(homedir(), ".pulumi")): string {
  const own = join(home, ownName);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  for (const folder of sharedFolders) mkdirSync(join(home, folder), { recursive: true });
  const shared = new Set([...readdirSync(home), "credentials.json"]);
  for (const name of [ownName, "logs"]) shared.delete(name);
  for (const name of shared) link(join(home, name), join(own, name));
  writeFileSync(join(own, "logs"), "");
  return own;
}

/** By name, so that it stays right when the user's file is replaced, by a login say; a copy would be outdated then. */
function link(target: string, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) return;
  if (found) rmSync(path, { recursive: true });
  try {
    symlinkSync(target, path, "junction");
  } catch (error) {
    // Another driver was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
