import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, parseStackConfig, type StackConfig } from "./config/stackConfig";
import { configValues } from "./config/values";
import { program } from "./program";
import { refusal } from "./refusal";
import { noRotation } from "./rotation";

/** What `pulumi up` runs: it provisions, and never writes a value nor restarts anything. */
export = async () => program(stackConfig(), noRotation(new Date().toISOString()));

function stackConfig(): StackConfig {
  try {
    return parseStackConfig(pulumi.getStack(), configValues(Object.entries(pulumi.runtime.allConfig())));
  } catch (error) {
    throw error instanceof ConfigurationError ? refusal(error.message) : error;
  }
}
