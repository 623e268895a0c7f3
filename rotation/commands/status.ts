import { setTimeout as delay } from "node:timers/promises";
import { Option } from "commander";
import { exitCodes, UsageError } from "../errors";
import { readPackConfig } from "../policy/packConfig";
import { openPorts } from "../ports/openPorts";
import { statusTable } from "../progress/statusTable";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import { type SecretStatus, statusOf } from "../status/status";
import { type StrayTakers, strayTakers, strayText } from "../status/strayTakers";
import type { AddCommand } from "./command";
import { dueWithinOption, jsonOption, policyConfigOption, seconds, stackOption } from "./options";

interface StatusOptions {
  readonly stack: string;
  /** Seconds. */
  readonly dueWithin: number;
  readonly policyConfig?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  /** Seconds. */
  readonly interval: number;
}

export const addStatus: AddCommand = (program, { run }) => {
  program
    .command("status")
    .description("age and state of every declared secret, and when a scheduled run takes it")
    .addOption(stackOption())
    .addOption(dueWithinOption())
    .addOption(policyConfigOption())
    .addOption(new Option("--watch", "show it again and again, until Ctrl-C").conflicts("json"))
    .addOption(new Option("--interval <duration>", "of --watch").default(30, "30s").argParser(seconds))
    .addOption(jsonOption())
    .action((options) => run(statusCommand(options)));
};

/** `npm run rotation -- status`: what is live, and what is due. */
async function statusCommand(options: StatusOptions): Promise<number> {
  if (options.watch && !process.stdout.isTTY) throw new UsageError("--watch needs a terminal to draw on");
  const pack = readPackConfig(options.policyConfig);
  const { config } = await openStack(options.stack);
  const ports = await openPorts(config);
  const look = async () => {
    const [secrets, takers] = await Promise.all([
      statusOf(config, ports, pack, options.dueWithin),
      strayTakers(config, ports),
    ]);
    return { schemaVersion: 1, stack: config.stack, secrets, takers } satisfies Output<"status">;
  };
  const shown = ({ secrets, takers }: Awaited<ReturnType<typeof look>>) => textOf(secrets, takers);
  if (options.watch) return watch(async () => shown(await look()), options.interval);
  const result = await look();
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : shown(result)}\n`);
  return result.secrets.some(({ state }) => state === "unknown") ? exitCodes.failed : exitCodes.done;
}

function textOf(secrets: readonly SecretStatus[], takers: readonly StrayTakers[]): string {
  const { stdout } = process;
  // Node goes by NO_COLOR, FORCE_COLOR and TERM.
  const look = stdout.isTTY ? { color: stdout.hasColors() } : undefined;
  return [statusTable(secrets, look), ...strayText(takers)].join("\n");
}

/** Draws over what was there, until the signal of Ctrl-C ends the process. */
async function watch(text: () => Promise<string>, intervalSeconds: number): Promise<never> {
  const clear = "\x1b[H\x1b[2J\x1b[3J";
  for (;;) {
    const shown = await text();
    const at = new Date().toISOString().slice(0, 19);
    process.stdout.write(`${clear}${shown}\n${at}Z, every ${intervalSeconds} s; Ctrl-C ends it\n`);
    await delay(Math.max(1, intervalSeconds) * 1000);
  }
}
