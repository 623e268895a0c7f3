import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackConfig } from "../../policies/rules";
import { UsageError } from "../errors";

/** The policy pack that a rotation has to satisfy. */
export interface PolicyPack {
  readonly folder: string;
  readonly config: PackConfig;
}

/**
 * The project's pack, and its configuration as `pulumi preview --policy-pack-config` takes it.
 *
 * @returns undefined when the project has no folder `policies`
 * @throws {UsageError} when the configuration cannot be read
 */
export function policyPackOf(project: string, configFile: string | undefined): PolicyPack | undefined {
  const folder = join(project, "policies");
  const config = configFile === undefined ? {} : readConfig(configFile);
  return existsSync(join(folder, "PulumiPolicy.yaml")) ? { folder, config } : undefined;
}

function readConfig(file: string): PackConfig {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackConfig;
  } catch (cause) {
    throw new UsageError(`--policy-config ${file}: ${(cause as Error).message}`, { cause });
  }
}
