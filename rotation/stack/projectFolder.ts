import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../errors";

const projectFiles = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The folder of the project: the nearest one, here or above, with a Pulumi.yaml, as for `pulumi` itself.
 *
 * @throws {UsageError} when there is none
 */
export function findProject(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (projectFiles.some((file) => existsSync(join(folder, file)))) return folder;
    if (folder === dirname(folder))
      throw new UsageError(`there is no Pulumi.yaml in ${from} or above: run this in the project's folder`);
  }
}
