import { exitCodes } from "../errors";
import { readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { statusTable } from "../progress/statusTable";
import { openStack } from "../stack/openStack";
import { statusOf } from "../status/status";
import type { AddCommand } from "./command";
import { dueWithinOption, jsonOption, policyConfigOption, stackOption } from "./options";

export const addStatus: AddCommand = (program, { run }) => {
  program
    .command("status")
    .description("age and state of every declared secret")
    .addOption(stackOption())
    .addOption(dueWithinOption())
    .addOption(policyConfigOption())
    .addOption(jsonOption())
    .action((options) => run(statusCommand(options)));
};

/** `npm run rotation -- status`: what is live, and what is due. */
async function statusCommand(options: {
  readonly stack: string;
  readonly dueWithin: number;
  readonly policyConfig?: string;
  readonly json?: boolean;
}): Promise<number> {
  const pack = readPackConfig(options.policyConfig);
  const { config } = await openStack(options.stack);
  const secrets = await statusOf(config, await openPorts(config), pack, options.dueWithin);
  const text = options.json
    ? JSON.stringify({ schemaVersion: 1, stack: config.stack, secrets }, undefined, 2)
    : statusTable(secrets);
  process.stdout.write(`${text}\n`);
  return secrets.some(({ state }) => state === "unknown") ? exitCodes.failed : exitCodes.done;
}
