import { Option } from "commander";
import type { StackConfig } from "../../infra/config/stackConfig";
import { type Evaluation, evaluateConfig, evaluateSecret, type PolicyViolation, statusOf } from "../../policies/rules";
import { exitCodes } from "../errors";
import { isMetered, tellAges } from "../metrics/runMetrics";
import { readPackConfig } from "../policy/packConfig";
import { isMandatory } from "../policyError";
import type { Ports } from "../ports";
import { openPorts } from "../ports/openPorts";
import { violationTable } from "../progress/violationTable";
import type { Output } from "../schemas/outputs";
import { openStack } from "../stack/openStack";
import { statusOf as liveStatus } from "../status/status";
import { strayTakers, strayText } from "../status/strayTakers";
import type { AddCommand } from "./command";
import { jsonOption, metricsFileOption, policyConfigOption, seconds, stackOption } from "./options";

interface CheckOptions {
  readonly stack: string;
  /** Seconds; undefined: only what is violated now. */
  readonly dueWithin?: number;
  readonly policyConfig?: string;
  readonly metricsFile?: string;
  readonly json?: boolean;
}

export const addCheck: AddCommand = (program, { run }) => {
  program
    .command("check")
    .description(
      "what the policies say of the secrets that are live in AWS; exit code 3 when a mandatory one is violated",
    )
    .addOption(stackOption())
    .addOption(new Option("--due-within <duration>", "also those that get stale within this time").argParser(seconds))
    .addOption(policyConfigOption())
    .addOption(metricsFileOption())
    .addOption(jsonOption())
    .action((options) => run(checkCommand(options)));
};

/** `npm run rotation -- check`: the pack's rules on what is live in AWS, without an update. */
async function checkCommand(options: CheckOptions): Promise<number> {
  const { config } = await openStack(options.stack);
  const pack = readPackConfig(options.policyConfig);
  const ports = await openPorts(config);
  const metering = { config, ports, pack, file: options.metricsFile };
  const ages = async () => (isMetered(metering) ? tellAges(metering, await liveStatus(config, ports, pack, 0)) : []);
  const [{ checked, violations }, takers, warnings] = await Promise.all([
    checkLive(config, ports, pack, options.dueWithin),
    strayTakers(config, ports),
    ages(),
  ]);
  const of = { schemaVersion: 1, stack: config.stack } as const;
  const result: Output<"check"> = { ...of, checked, violations, takers, warnings };
  const none = `${checked} secrets checked: nothing is violated`;
  const text = [
    violations.length === 0 ? none : violationTable(violations),
    ...strayText(takers),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join("\n");
  process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : text}\n`);
  return violations.some(isMandatory) ? exitCodes.policy : exitCodes.done;
}

/** Judges every secret under the environment's prefix, declared or not. */
export async function checkLive(
  { environment, stack }: StackConfig,
  { secretsManager, clock }: Ports,
  config: NonNullable<Evaluation["config"]>,
  dueWithinSeconds: number | undefined,
): Promise<{ checked: number; violations: PolicyViolation[] }> {
  const evaluation: Evaluation = { now: clock.now(), stack, environment, config };
  const live = await secretsManager.list(`${environment}/`);
  const violations = live.flatMap(({ name, tags, createdAt }) => {
    const facts = { name, tags, ...(createdAt && { createdAt }) };
    const found = evaluateSecret(facts, evaluation);
    if (found.length > 0 || dueWithinSeconds === undefined) return found;
    const { due } = statusOf(facts, evaluation);
    const soon = due && due.at.getTime() - evaluation.now.getTime() <= dueWithinSeconds * 1000;
    if (!soon) return [];
    const message = `${name} is due on ${due.at.toISOString().slice(0, 10)}`;
    return [{ policy: due.policy, level: "advisory" as const, secret: name, message }];
  });
  return { checked: live.length, violations: [...evaluateConfig(evaluation), ...violations] };
}
