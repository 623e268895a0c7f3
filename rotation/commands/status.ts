import { realPorts } from "../ports";
import { statusTable } from "../progress/tables";
import { openStack } from "../stack/openStack";
import { statusOf } from "../status";

/** `npm run rotation -- status`: what is live, and what is due. */
export async function statusCommand(options: {
  readonly stack: string;
  readonly dueWithin: number;
  readonly json?: boolean;
}): Promise<number> {
  const { config } = await openStack(options.stack);
  const secrets = await statusOf(config, realPorts(config.region), options.dueWithin);
  const text = options.json
    ? JSON.stringify({ schemaVersion: 1, stack: options.stack, secrets }, undefined, 2)
    : statusTable(secrets);
  process.stdout.write(`${text}\n`);
  return 0;
}
