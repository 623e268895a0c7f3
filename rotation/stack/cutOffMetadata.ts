import { readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalWorkspace } from "@pulumi/pulumi/automation";
import { stackNameOf } from "../../infra/config/stackConfig";

/**
 * Reads a stack's state. A backend of files (`file://`, without `?metadata=skip`) keeps a second file beside each: it
 * replaces the state as a whole, but writes that one in place, so that an engine killed there leaves it empty, and every
 * command then fails with "failed to load checkpoint: EOF" though the state is there. That file is removed here. It has
 * a content type and a digest that nobody compares, Pulumi does without where it is missing, and the next update writes
 * it anew: it can go at any time, from under an engine that is just writing it too.
 *
 * @see https://github.com/google/go-cloud/blob/v0.46.0/blob/fileblob/attrs.go
 */
export async function readable<T>(workspace: LocalWorkspace, named: string, read: () => Promise<T>): Promise<T> {
  return read().catch(async (error: { stderr?: string }) => {
    if (!/failed to load checkpoint/.test(error.stderr ?? "")) throw error;
    const [{ url = "" }, { name }] = await Promise.all([workspace.whoAmI(), workspace.projectSettings()]);
    const folder = backendFolder(url, workspace.workDir);
    if (folder === undefined) throw error;
    // By project or, as backends of old have it, without; compressed or not.
    for (const parent of [name, ""]) {
      for (const extension of ["", ".gz", ".zst"]) {
        removeCutOff(join(folder, ".pulumi", "stacks", parent, `${stackNameOf(named)}.json${extension}.attrs`));
      }
    }
    return read();
  });
}

/** As Pulumi reads the URL; undefined: it is none of files. */
function backendFolder(url: string, project: string): string | undefined {
  const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
  if (path === undefined) return undefined;
  return fileURLToPath(
    `file://${path.startsWith("~") ? join(userInfo().homedir, path.slice(2)) : resolve(project, path)}`,
  );
}

function removeCutOff(file: string): void {
  try {
    JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) rmSync(file, { force: true });
  }
}
