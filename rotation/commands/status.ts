import { exitCodes } from "../errors";
import { readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { statusTable } from "../progress/statusTable";
import { openStack } from "../stack/openStack";
import { statusOf } from "../status/status";
import { strayTakers, strayText } from "../status/strayTakers";
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
  const ports = await openPorts(config);
  const [secrets, takers] = await Promise.all([
    statusOf(config, ports, pack, options.dueWithin),
    strayTakers(config, ports),
  ]);
  const text = options.json
    ? JSON.stringify({ schemaVersion: 1, stack: config.stack, secrets, takers }, undefined, 2)
    : [statusTable(secrets), ...strayText(takers)].join("\n");
  process.stdout.write(`${text}\n`);
  return secrets.some(({ state }) => state === "unknown") ? exitCodes.failed : exitCodes.done;
}
