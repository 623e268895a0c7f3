import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadYaml } from "@kubernetes/client-node";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";

/** The secrets that a stack's file declares, in its order. @throws {ConfigurationError} */
export function declaredSecrets(project: string, stack: string): readonly SecretDeclaration[] {
  const text = readFileSync(join(project, `Pulumi.${stack}.yaml`), "utf8");
  const { config } = loadYaml<{ config?: Record<string, unknown> }>(text);
  return readStackConfig(stack, config ?? {}).secrets;
}
