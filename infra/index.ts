import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, parseStackConfig, type StackConfig } from "./config/stackConfig";
import { configValues } from "./config/values";
import { program } from "./program";
import { noRotation } from "./rotation";

/** What `pulumi up` runs: it provisions, and never writes a value nor restarts anything. */
export = async () => program(stackConfig(), noRotation(new Date().toISOString()));

function stackConfig(): StackConfig {
  try {
    return parseStackConfig(pulumi.getStack(), configValues(Object.entries(pulumi.runtime.allConfig())));
  } catch (error) {
    // A RunError is shown without a stack trace: its text is all that its reader needs.
    throw error instanceof ConfigurationError ? new pulumi.RunError(error.message) : error;
  }
}
