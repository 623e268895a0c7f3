import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { OpenStack } from "./openStack";

interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
}

/** The files that declare a stack's secrets: its own, where Pulumi looks for it, and those of `secretFiles`. */
export async function declaringFiles(open: OpenStack): Promise<readonly ConfigurationFile[]> {
  const own = await stackFile(open);
  const others = open.config.secretFiles.map((file) => resolve(open.project, file));
  return [...(own ? [own] : []), ...others.map((path) => ({ path, text: readFileSync(path, "utf8") }))];
}

/** The file of a stack's own configuration, with its text; undefined: there is none where Pulumi looks for it. */
async function stackFile({ project, config, stack }: OpenStack): Promise<ConfigurationFile | undefined> {
  const settings: { config?: unknown; stackConfigDir?: string } = await stack.workspace.projectSettings();
  // The older word for it.
  const folder = settings.stackConfigDir ?? (typeof settings.config === "string" ? settings.config : ".");
  const paths = [".yaml", ".yml", ".json"].map((end) => join(project, folder, `Pulumi.${config.stack}${end}`));
  const path = paths.find((one) => existsSync(one));
  return path === undefined ? undefined : { path, text: readFileSync(path, "utf8") };
}
