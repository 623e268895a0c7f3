import { isAbsolute } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readStackConfig } from "../rotation/rotators/readStackConfig";
import { findProject } from "../rotation/stack/projectFolder";
import { ConfigurationError, type StackConfig } from "./config/stackConfig";
import { configValues } from "./config/values";
import { program } from "./program";
import { refusal } from "./refusal";
import { noRotation } from "./rotation";

/** What `pulumi up` runs: it provisions, and never writes a value nor restarts anything. */
export = async () => program(stackConfig(), noRotation(new Date().toISOString()));

function stackConfig(): StackConfig {
  try {
    const values = configValues(Object.entries(pulumi.runtime.allConfig()));
    const root = pulumi.getRootDirectory();
    // An older language host does not say it; the program runs in the folder of this file.
    return readStackConfig(pulumi.getStack(), values, isAbsolute(root) ? root : findProject(process.cwd()));
  } catch (error) {
    throw error instanceof ConfigurationError ? refusal(error.message) : error;
  }
}
