import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, parseStackConfig, type StackConfig } from "./config/stackConfig";
import { program } from "./program";
import { noRotation } from "./rotation";

/** What `pulumi up` runs: it provisions, and never writes a value nor restarts anything. */
export = async () => program(stackConfig(), noRotation(new Date().toISOString()));

function stackConfig(): StackConfig {
  const values = Object.entries(pulumi.runtime.allConfig()).map(([key, text]) => [key, parsed(text)]);
  try {
    return parseStackConfig(pulumi.getStack(), Object.fromEntries(values));
  } catch (error) {
    // A RunError is shown without a stack trace: its text is all that its reader needs.
    throw error instanceof ConfigurationError ? new pulumi.RunError(error.message) : error;
  }
}

/** Pulumi hands over objects as JSON and everything else as text. */
function parsed(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
