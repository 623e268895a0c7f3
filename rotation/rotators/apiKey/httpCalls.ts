import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import { HttpError } from "../../ports/http";
import { RotatorError } from "../own/steps";
import type { AskContext } from "../own/stepsBy";
import type { HttpDeclaration } from "./httpSchema";

export interface Call {
  /** For messages: what is done by it, e.g. `create a key`. */
  readonly what: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  /** Undefined: it is no success, or has no text. */
  readonly text: string | undefined;
}

/** @throws {RotatorError} when there is no answer */
export async function ask(at: AskContext, { what, url, method, headers, body }: Call): Promise<Answer> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const all = { accept: "application/json", ...(content && { "content-type": "application/json" }), ...headers };
  const request = { url, method, headers: all, body: content, signal: at.signal };
  const { status, body: text } = await at.ports.http.send(request).catch((error: unknown) => {
    const code = error instanceof HttpError ? error.message : "unknown";
    throw new RotatorError(`${new URL(url).host} does not answer (${code}): ${what}`);
  });
  if (text === undefined && isSuccess(status))
    throw new RotatorError(`the answer of ${new URL(url).host} is longer than 1 MB: ${what}`);
  return { status, text };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** @throws {RotatorError} for what is no success, or no JSON */
export function documentIn(call: Pick<Call, "what" | "url">, { status, text }: Answer): unknown {
  if (!isSuccess(status)) throw unexpected(call, status);
  const document = jsonOrUndefined(text ?? "");
  if (document === undefined) throw new RotatorError(`what ${new URL(call.url).host} answers is no JSON: ${call.what}`);
  return document;
}

/** What an answer that was not expected says, and what that may mean. */
export function unexpected({ what, url }: Pick<Call, "what" | "url">, status: number): RotatorError {
  return new RotatorError(`${new URL(url).host} answers ${status}${meaning(status)}: ${what}`);
}

function meaning(status: number): string {
  if (status === 401 || status === 403) return " (the administrator's key may be wrong, or not allowed to)";
  if (status === 404) return " (there is no such place: the path may be wrong, or what it names deleted)";
  if (status === 409) return " (it may have as many keys as it takes: delete one that nobody uses)";
  if (status === 429) return " (too many requests: wait a while)";
  return "";
}

/** The header by which the issuer knows its administrator. */
export async function adminHeaders(
  at: AskContext,
  { auth: { secret, property, header, scheme }, headers }: HttpDeclaration,
): Promise<Record<string, string>> {
  const value = await at.read(secret);
  const object = z.record(z.string(), z.unknown()).safeParse(jsonOrUndefined(value)).data;
  const text = property === undefined ? value.trim() : object?.[property];
  if (typeof text !== "string") throw new RotatorError(`the secret ${secret} has no text in its property ${property}`);
  if (!isHeaderValue(text)) throw new RotatorError(`the secret ${secret} holds no value that a header may have`);
  return { ...headers, [header]: scheme === "" ? text : `${scheme} ${text}` };
}

export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}
