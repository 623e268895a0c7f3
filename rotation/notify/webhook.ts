import { setTimeout as delay } from "node:timers/promises";
import type { NotifyDeclaration } from "../../infra/config/notifySchema";
import { describeError } from "../errors";
import type { Ports } from "../ports";
import { currentValue } from "../ports/secretsManager";
import { type Notice, textOf, titleOf } from "./notice";

type Source = NonNullable<NotifyDeclaration["webhook"]>["urlFrom"];

/** What a webhook of Slack's shows without a fold, about. */
const longest = 3500;
const attempts = 3;
const answerSeconds = 4;

/**
 * Posts a run's text to a webhook that takes what Slack's incoming webhooks take. A network that fails, 429 and 5xx are tried
 * again, three times in all; whoever waits ends it by the signal. What fails is told without the URL, which is a secret.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export async function postToWebhook(url: string, notice: Notice, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ text: slackText(notice) });
  for (let attempt = 1; ; attempt++) {
    const answer = await post(url, body, signal);
    if (answer.done) return;
    const waitSeconds = answer.retryAfter ?? 0.2 * 2 ** attempt;
    if (!answer.mayPass || attempt === attempts || waitSeconds > answerSeconds) throw new Error(answer.says);
    await delay(waitSeconds * 1000, undefined, { signal }).catch(() => {
      throw new Error(answer.says);
    });
  }
}

interface Answer {
  readonly done: boolean;
  /** Whether the same post may be taken later. */
  readonly mayPass: boolean;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly says: string;
}

async function post(url: string, body: string, limit: AbortSignal): Promise<Answer> {
  const signal = AbortSignal.any([limit, AbortSignal.timeout(answerSeconds * 1000)]);
  // Not followed: it would take the text to another place than the one that was named.
  const options = { method: "POST", body, signal, redirect: "manual" } as const;
  try {
    const answer = await fetch(url, { ...options, headers: { "content-type": "application/json" } });
    // So that the connection is let go; what it says may quote the URL.
    await answer.body?.cancel();
    const { status } = answer;
    const after = Number(answer.headers.get("retry-after") ?? Number.NaN);
    return {
      done: answer.ok,
      mayPass: status === 429 || status >= 500,
      retryAfter: status === 429 && after >= 0 ? after : undefined,
      says: `it answers ${status}`,
    };
  } catch (error) {
    return { done: false, mayPass: true, says: `it is not reached (${codeOf(error)})` };
  }
}

/** A code such as ECONNREFUSED: a message may quote the address. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : error.name;
}

/** The title in bold, and the text with what Slack would take for links, mentions and entities as it is. */
export function slackText(notice: Notice): string {
  const [title, ...lines] = textOf(notice).toWellFormed().split("\n");
  const asText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  let text = `*${asText(title ?? titleOf(notice.record))}*`;
  for (const line of lines.map(asText)) {
    if (text.length + line.length > longest) return `${text}\n…`;
    text += `\n${line}`;
  }
  return text;
}

/**
 * The URL, from where the configuration says that it is kept.
 *
 * @throws {Error} what is wrong with it, and what to do, without quoting it
 */
export async function webhookUrl({ env, secret }: Source, { secretsManager }: Pick<Ports, "secretsManager">) {
  if (env !== undefined) {
    const value = process.env[env]?.trim();
    if (!value) throw new Error(`the environment variable ${env} is not set: give it to the driver's process`);
    return checked(value, `the environment variable ${env}`);
  }
  const { value } = await currentValue(secretsManager, secret ?? "").catch((error) => {
    throw new Error(`the secret ${secret} is not told (${describeError(error)})`);
  });
  if (!value) throw new Error(`the secret ${secret} has no value: put the webhook's URL into it`);
  return checked(value.trim(), `the secret ${secret}`);
}

/** Without TLS only on this machine, e.g. to a proxy beside the driver. */
function checked(value: string, where: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isLocal = url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol === "https:" || isLocal) return value;
  throw new Error(`${where} is no https:// URL and nothing else: correct it`);
}
