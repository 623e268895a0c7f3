import { exitCodes } from "../errors";
import type { Interruption } from "../interruption";
import type { Observer } from "../observer";
import { policyPackOf } from "../policy/packConfig";
import { realPorts } from "../ports";
import { liveProgress } from "../progress/live";
import { plainProgress } from "../progress/plain";
import { runTable } from "../progress/tables";
import type { RunResult } from "../result";
import { type RotateRequest, rotate } from "../rotate";
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
  /** Roll back what fails in its rollout. */
  readonly rollbackOnFailure?: boolean;
  /** File with the policy pack's configuration. */
  readonly policyConfig?: string;
}

export interface RollbackOptions extends Pick<RotateOptions, "stack" | "dryRun" | "json" | "policyConfig"> {
  /** Version id. */
  readonly to?: string;
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
  if (secrets.length === 0) process.stderr.write("nothing is due\n");
  const pack = policyPackOf(open.project, options.policyConfig);
  const request = { open, ports, secrets, interruption, pack };
  if (options.dryRun) return dryRun(request, options);
  const result = await shown(request, options);
  const stuck = result.secrets.filter(({ error }) => error?.code === "ROLLOUT_FAILED").map(({ secret }) => secret);
  if (options.rollbackOnFailure && stuck.length > 0) {
    process.stderr.write(`rolling back ${stuck.join(", ")}\n`);
    const back = secrets.filter(({ name }) => stuck.includes(name));
    await shown({ ...request, secrets: back, rollback: { to: undefined } }, options);
  }
  return result.secrets.some(({ error }) => error) ? exitCodes.failed : exitCodes.done;
}

/** `npm run rotation -- rollback`: a rotation whose value comes from an older version. */
export async function rollbackCommand(
  name: string,
  options: RollbackOptions,
  interruption: Interruption,
): Promise<number> {
  const open = await openStack(options.stack);
  const ports = realPorts(open.config.region);
  const secrets = select(open.config, { names: [name], type: undefined, status: undefined });
  const pack = policyPackOf(open.project, options.policyConfig);
  const request = { open, ports, secrets, interruption, pack, rollback: { to: options.to } };
  if (options.dryRun) return dryRun(request, options);
  const result = await shown(request, options);
  return result.secrets.some(({ error }) => error) ? exitCodes.failed : exitCodes.done;
}

/** Runs it with its progress on stderr, and prints the result. */
async function shown(
  request: Omit<RotateRequest, "observer">,
  { json }: { readonly json?: boolean },
): Promise<RunResult> {
  const names = request.secrets.map(({ name }) => name);
  const live = process.stderr.isTTY && !json && names.length > 0 ? liveProgress(names) : undefined;
  const observer: Observer = live ?? plainProgress((line) => process.stderr.write(`${line}\n`));
  const result = await rotate({ ...request, observer });
  await live?.end(new Map(result.secrets.flatMap(({ secret, error }) => (error ? [[secret, error.message]] : []))));
  process.stdout.write(`${json ? JSON.stringify(jsonOf(result), undefined, 2) : runTable(result)}\n`);
  return result;
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
