import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PackConfig, refusedKey } from "../../policies/rules";
import { UsageError } from "../errors";

/** The policy pack that a rotation has to satisfy. */
export interface PolicyPack {
  readonly folder: string;
  readonly config: PackConfig;
}

/** The project's pack, with this configuration; undefined when the project has no folder `policies`. */
export function policyPackOf(project: string, configFile: string | undefined): PolicyPack | undefined {
  const folder = join(project, "policies");
  const config = readPackConfig(configFile);
  return existsSync(join(folder, "PulumiPolicy.yaml")) ? { folder, config } : undefined;
}

/**
 * A pack's configuration, in the form that `pulumi preview --policy-pack-config` takes.
 *
 * @throws {UsageError} when the file cannot be read, or says what only the driver may
 */
export function readPackConfig(file: string | undefined): PackConfig {
  if (file === undefined) return {};
  let config: PackConfig;
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as PackConfig;
  } catch (cause) {
    throw new UsageError(`--policy-config ${file}: ${(cause as Error).message}`, { cause });
  }
  const refused = refusedKey(config);
  if (refused) throw new UsageError(`--policy-config ${file}: ${refused}`);
  return config;
}
