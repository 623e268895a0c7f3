import type { NotifyDeclaration } from "../../infra/config/notifySchema";
import { type RunContext, type RunIntent, recordOf } from "../audit/record";
import { runContextOf } from "../audit/runContext";
import { describeError } from "../errors";
import type { Ports } from "../ports";
import type { RunResult } from "../result";
import type { OpenStack } from "../stack/openStack";
import { addToJobSummary } from "./jobSummary";
import type { Notice } from "./notice";
import { snsMessage } from "./snsMessage";
import { postToWebhook, webhookUrl } from "./webhook";

/** Seconds until a notice that has not arrived is given up. */
const defaultLimit = 10;

/** Somebody who is told of a run's end. */
export interface Channel {
  /** For messages, e.g. `SNS topic arn:…`. */
  readonly name: string;
  /** What to look at when it fails. */
  readonly advice: string;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface Notices {
  /** Begins what takes its time, at the start of the run. */
  prepare(): void;
  /** Tells everybody at once. Never throws. @returns what went wrong, and what to do */
  ended(run: RunResult, error?: unknown): Promise<readonly string[]>;
}

/** @returns undefined when nobody is to be told */
export function noticesOf({ config }: OpenStack, ports: Ports, intent: RunIntent): Notices | undefined {
  const channels = channelsOf(config.notify, ports);
  if (channels.length === 0) return undefined;
  const prepare = () => {
    if (config.notify?.sns) void ports.sns;
  };
  return notices(channels, () => runContextOf(config, ports, intent), ports, { prepare });
}

function channelsOf(notify: NotifyDeclaration | undefined, ports: Ports): Channel[] {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY: summary } = process.env;
  const { sns, webhook } = notify ?? {};
  const channels: Channel[] = [];
  if (sns) {
    channels.push({
      name: `SNS topic ${sns.topicArn}`,
      advice: "see whether the topic is there, and the driver's role may sns:Publish to it (and use its key)",
      send: (notice, signal) => ports.sns.publish(sns.topicArn, snsMessage(notice), signal),
    });
  }
  if (webhook) {
    channels.push({
      name: "webhook",
      advice: "see whether its URL is still the right one, and reached from here",
      send: async (notice, signal) => postToWebhook(await webhookUrl(webhook.urlFrom, ports), notice, signal),
    });
  }
  if (GITHUB_ACTIONS === "true" && summary) {
    channels.push({
      name: "summary of the job",
      advice: "see whether GITHUB_STEP_SUMMARY names a file that can be written",
      send: (notice) => addToJobSummary(summary, notice),
    });
  }
  return channels;
}

export function notices(
  channels: readonly Channel[],
  context: () => Promise<RunContext>,
  { clock }: Pick<Ports, "clock">,
  { limitSeconds = defaultLimit, prepare = () => undefined }: { limitSeconds?: number; prepare?: () => void } = {},
): Notices {
  let asked: Promise<RunContext> | undefined;
  const known = () => {
    asked ??= context();
    return asked;
  };
  return {
    prepare() {
      known().catch(() => undefined);
      prepare();
    },
    async ended(run, error) {
      const at = clock.now();
      const signal = AbortSignal.timeout(limitSeconds * 1000);
      const results = channels.map(async ({ name, advice, send }) => {
        try {
          const notice = { record: recordOf(await known(), run, { at, error }), run };
          await Promise.race([send(notice, signal), given(signal, limitSeconds)]);
          return [];
        } catch (failure) {
          return [`not told of this run: ${name}: ${describeError(failure)}; ${advice}`];
        }
      });
      return (await Promise.all(results)).flat();
    },
  };
}

/** Some calls have no end of their own. */
function given(signal: AbortSignal, seconds: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer within ${seconds} s`)), { once: true });
  });
}

/**
 * Does a run, and tells of its end, however it ends. What could not be told is a warning of the result.
 *
 * @param soFar  what is known of the run at the moment
 * @param say  takes the warnings of a run that has no result
 */
export async function noticed(
  told: Notices | undefined,
  soFar: () => RunResult,
  run: () => Promise<RunResult>,
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<RunResult> {
  if (told === undefined) return run();
  told.prepare();
  let result: RunResult;
  try {
    result = await run();
  } catch (error) {
    for (const warning of await told.ended(soFar(), error)) say(`warning: ${warning}`);
    throw error;
  }
  const warnings = [...(result.warnings ?? []), ...(await told.ended(result))];
  return warnings.length === 0 ? result : { ...result, warnings };
}
