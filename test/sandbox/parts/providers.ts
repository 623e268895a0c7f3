import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository, type SandboxPaths, typescriptArgs } from "../paths";
import type { Part } from "../process/parts";

const script = join(__dirname, "..", "standins", "providers.ts");

interface ProviderPorts {
  readonly aws: number;
}

/** The line that the stand-in prints when it serves. */
function printedPorts(output: string): ProviderPorts | undefined {
  const line = output.split("\n").find((text) => text.startsWith('{"aws"'));
  return line === undefined ? undefined : (JSON.parse(line) as ProviderPorts);
}

/** The stand-in for Pulumi's aws provider. */
export function providersPart(aws: Readonly<Record<string, string>>): Part {
  return {
    name: "providers",
    command: process.execPath,
    args: [...typescriptArgs, script],
    cwd: repository,
    env: aws,
    ready: (output) => printedPorts(output()) !== undefined,
  };
}

/** What PULUMI_DEBUG_PROVIDERS has to be once the stand-in serves. */
export function debugProviders(paths: SandboxPaths): string {
  const ports = printedPorts(readFileSync(paths.log("providers"), "utf8"));
  if (!ports)
    throw new Error(`the stand-in of the aws provider has not said where it listens: ${paths.log("providers")}`);
  return `aws:${ports.aws}`;
}
