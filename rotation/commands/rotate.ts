import { exitCodes } from "../errors";
import type { Interruption } from "../interruption";
import type { Observer } from "../observer";
import { policyPackOf } from "../policy/packConfig";
import { realPorts } from "../ports";
import { liveProgress } from "../progress/live";
import { plainProgress } from "../progress/plain";
import { runTable } from "../progress/tables";
import type { RunResult } from "../result";
import { rotate } from "../rotate";
import { select } from "../select";
import { openStack } from "../stack/openStack";
import { statusOf } from "../status";
import { dryRun } from "./dryRun";

export interface RotateOptions {
  readonly stack: string;
  readonly type?: string;
  readonly due?: boolean;
  /** Seconds. */
  readonly dueWithin: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** File with the policy pack's configuration. */
  readonly policyConfig?: string;
}

/** `npm run rotate`: the result goes to stdout, progress to stderr. */
export async function rotateCommand(
  names: readonly string[],
  options: RotateOptions,
  interruption: Interruption,
): Promise<number> {
  const open = await openStack(options.stack);
  const ports = realPorts(open.config.region);
  const status = options.due ? await statusOf(open.config, ports, options.dueWithin) : undefined;
  const secrets = select(open.config, { names, type: options.type, status });
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (secrets.length === 0) say("nothing is due");
  const pack = policyPackOf(open.project, options.policyConfig);
  const request = { open, ports, secrets, interruption, pack };
  if (options.dryRun) return dryRun({ ...request, observer: plainProgress(() => undefined) }, options);
  const live =
    process.stderr.isTTY && !options.json && secrets.length > 0
      ? liveProgress(secrets.map(({ name }) => name))
      : undefined;
  const observer: Observer = live ?? plainProgress(say);
  const result = await rotate({ ...request, observer });
  await live?.end(new Map(result.secrets.flatMap(({ secret, error }) => (error ? [[secret, error.message]] : []))));
  process.stdout.write(`${options.json ? JSON.stringify(jsonOf(result), undefined, 2) : runTable(result)}\n`);
  return result.secrets.some(({ error }) => error) ? exitCodes.failed : exitCodes.done;
}

/** The stable form for other programs; schemaVersion changes when a property changes its meaning. */
function jsonOf(result: RunResult): unknown {
  const secrets = result.secrets.map(({ error, ...secret }) => ({
    ...secret,
    ...(error && {
      error: {
        code: error.code,
        step: error.step,
        message: error.message,
        hint: error.hint,
        retryable: error.retryable,
      },
    }),
  }));
  return { schemaVersion: 1, ...result, secrets };
}
