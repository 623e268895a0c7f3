import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type Problem, problemsOf } from "../../infra/config/problem";
import type { SecretFile } from "../../infra/config/stackConfig";

const filesSchema = z.array(z.string().min(1));

/**
 * Reads the files of `secret-rotation:secretFiles`, in YAML or JSON. They are there for large stacks: Pulumi hands the
 * configuration to programs and policy packs in one environment variable, which Linux limits to 128 KiB.
 *
 * @param declared  the paths, as the configuration has them
 * @param folder  the project's: paths begin there
 * @see https://github.com/pulumi/pulumi/issues/20402
 */
export function readSecretFiles(declared: unknown, folder: string): { files: SecretFile[]; problems: Problem[] } {
  const paths = filesSchema.safeParse(declared);
  if (!paths.success) return { files: [], problems: problemsOf(paths.error, "secretFiles") };
  const { load, CORE_SCHEMA } = require("js-yaml") as typeof import("js-yaml");
  const files: SecretFile[] = [];
  const problems: Problem[] = [];
  for (const [i, path] of paths.data.entries()) {
    const report = (message: string) => problems.push({ path: `secretFiles[${i}]`, message: `${path} ${message}` });
    if (paths.data.indexOf(path) < i) {
      report("is named already");
      continue;
    }
    try {
      const secrets = load(readFileSync(resolve(folder, path), "utf8"), { schema: CORE_SCHEMA });
      if (Array.isArray(secrets)) files.push({ path, secrets });
      else report("must be a list of secrets, as secret-rotation:secrets is");
    } catch (cause) {
      report(`cannot be read: ${(cause as Error).message}`);
    }
  }
  return { files, problems };
}
