import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository, type SandboxPaths, typescriptArgs } from "../paths";
import type { Part } from "../process/parts";

const script = join(__dirname, "..", "standins", "providers.ts");

interface ProviderPorts {
  readonly aws: number;
  readonly kubernetes: number;
}

/** The line that the stand-ins print when they serve. */
function printedPorts(output: string): ProviderPorts | undefined {
  const line = output.split("\n").find((text) => text.startsWith('{"aws"'));
  return line === undefined ? undefined : (JSON.parse(line) as ProviderPorts);
}

/** The stand-ins for Pulumi's provider plugins. */
export function providersPart(paths: SandboxPaths, aws: Readonly<Record<string, string>>): Part {
  return {
    name: "providers",
    command: process.execPath,
    args: [...typescriptArgs, script],
    cwd: repository,
    env: { ...aws, KUBECONFIG: paths.kubeconfig },
    ready: (output) => printedPorts(output()) !== undefined,
  };
}

/** What PULUMI_DEBUG_PROVIDERS has to be once the stand-ins serve. */
export function debugProviders(paths: SandboxPaths): string {
  const ports = printedPorts(readFileSync(paths.log("providers"), "utf8"));
  if (!ports) throw new Error(`the provider stand-ins have not said where they listen: ${paths.log("providers")}`);
  return `aws:${ports.aws},kubernetes:${ports.kubernetes}`;
}
