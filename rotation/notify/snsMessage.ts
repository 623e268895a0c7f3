import type { SnsMessage } from "../ports/sns";
import { resultJson } from "../schemas/resultJson";
import { type Notice, textOf, titleOf } from "./notice";

/** Of subject, text and attributes together, in bytes. */
const limit = 256 * 1024;
const longestSubject = 99;
const longestText = 32 * 1024;
/** Characters of a text in a result that was cut down. */
const longestInCut = 1000;

/**
 * The message of a run. Its attributes: `environment` and `result`, for filter policies of subscriptions, and `json`, what
 * `--json` prints, in ASCII. Where that is too long for SNS, `json` is cut down: it keeps as many secrets as fit, those that
 * failed first, without their warnings, and texts to 1,000 characters; `leftOut` says how many secrets are missing.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function snsMessage(notice: Notice): SnsMessage {
  const { environment, result = "failed" } = notice.record;
  const subject = titleOf(notice.record)
    .replaceAll(/[^ -~]/g, "?")
    .slice(0, longestSubject);
  const text = cutTo(printable(textOf(notice)), longestText);
  const attributes = { environment, result };
  const taken = Buffer.byteLength(JSON.stringify({ subject, text: "", ...attributes, json: "StringString" }));
  const left = limit - taken - Buffer.byteLength(text);
  return { subject, text, attributes: { ...attributes, json: jsonWithin(left, notice) } };
}

type Json = { readonly secrets: readonly { readonly error?: unknown }[] } & Readonly<Record<string, unknown>>;

function jsonWithin(bytes: number, { run }: Notice): string {
  const result = resultJson(run) as Json;
  // An engine's error may be as long as its output: what is too long anyway is not gone through.
  const whole = JSON.stringify(result);
  if (whole.length <= bytes && ascii(whole).length <= bytes) return ascii(whole);
  const { warnings: _, ...ofRun } = result;
  const failedFirst = result.secrets.toSorted((a, b) => Number(b.error !== undefined) - Number(a.error !== undefined));
  const kept: object[] = [];
  let size = ascii(JSON.stringify(cut({ ...ofRun, secrets: [], leftOut: result.secrets.length }))).length;
  for (const secret of failedFirst) {
    const short = cut({ ...secret, warnings: undefined });
    size += ascii(JSON.stringify(short)).length + 1;
    if (size > bytes) break;
    kept.push(short);
  }
  const left = { ...cut({ ...ofRun, secrets: [] }), secrets: kept, leftOut: result.secrets.length - kept.length };
  return ascii(JSON.stringify(left));
}

/** With its texts cut. */
function cut<T>(value: T): T {
  const shorter = (_: string, part: unknown) => (typeof part === "string" ? part.slice(0, longestInCut) : part);
  return JSON.parse(JSON.stringify(value, shorter));
}

/** A character is a byte then, and none is one that a queue refuses. */
function ascii(json: string): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return json.replaceAll(/[^ -~]/g, code);
}

/** Without the characters that a queue, XML or a terminal takes for something else. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\n]|[\uFFFE\uFFFF]/gu, "?");
}

/** @param bytes  at most, in UTF-8 */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const end = " …";
  // What is left of a character that was cut through is no character.
  const kept = Buffer.from(text)
    .subarray(0, bytes - Buffer.byteLength(end))
    .toString()
    .replace(/\uFFFD+$/, "");
  return `${kept}${end}`;
}
