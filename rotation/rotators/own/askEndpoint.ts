import { z } from "zod";
import type { HttpDeclaration } from "../../../infra/config/rotatorsSchema";
import { jsonOrUndefined } from "../../json";
import { HttpError } from "../../ports/http";
import { RotatorError, type StepContext } from "./steps";
import type { Ask } from "./stepsBy";

type Endpoint = HttpDeclaration["http"];

/** One POST for each request. Of an answer that is no success only its status is told. */
export function askEndpoint({ http: { url, headersFrom } }: HttpDeclaration): Ask {
  const { host } = new URL(url);
  return async (at, body) => {
    const named = Object.entries(headersFrom).map(
      async ([name, from]) => [name, await header(at, name, from)] as const,
    );
    const headers = { ...Object.fromEntries(await Promise.all(named)), "content-type": "application/json" };
    const answer = await at.ports.http.post({ url, headers, body, signal: at.signal }).catch((error: unknown) => {
      throw new RotatorError(`${host} does not answer (${error instanceof HttpError ? error.message : "unknown"})`);
    });
    if (answer.body !== undefined) return answer.body;
    const isLong = answer.status >= 200 && answer.status < 300;
    throw new RotatorError(isLong ? `the answer of ${host} is longer than 1 MB` : `${host} answers ${answer.status}`);
  };
}

async function header(
  at: StepContext,
  name: string,
  { secret, property, scheme }: Endpoint["headersFrom"][string],
): Promise<string> {
  const value = await at.read(secret);
  const object = z.record(z.string(), z.unknown()).safeParse(jsonOrUndefined(value)).data;
  const text = property === undefined ? value.trim() : object?.[property];
  if (typeof text !== "string") throw new RotatorError(`the secret ${secret} has no text in its property ${property}`);
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text)) return scheme === undefined ? text : `${scheme} ${text}`;
  throw new RotatorError(`the secret ${secret} holds no value that the header ${name} may have`);
}
