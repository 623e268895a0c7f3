import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { generate } from "../../rotation/rotators/common/generate";
import { type Needle, needle } from "../search/needles";

/** Something that a fault has left where people or programs see it: a message, an error with its causes, an event. */
export interface Evidence {
  readonly where: string;
  readonly text: string;
}

const collected: Evidence[] = [];

/** Keeps what came of a fault for the search for values that ends its suite. */
export function collect(where: string, what: unknown): void {
  collected.push({ where, text: asText(what) });
}

/** An object as a log would show it, and more. */
export function asText(what: unknown): string {
  return typeof what === "string" ? what : inspect(what, { depth: null, showHidden: true, maxStringLength: null });
}

export function evidence(): readonly Evidence[] {
  return collected;
}

const made: Needle[] = [];

/** Randomness that remembers which values are made of it, also of those that never come as far as Secrets Manager. */
export function rememberingRandom(count: number): Buffer {
  const bytes = randomBytes(count);
  // A salt is no value. Of a value the first draw gives nearly all of its characters, and those are looked for.
  if (count >= 32)
    made.push(
      needle(
        `value ${made.length} made by a test`,
        generate(() => bytes, valueLength(bytes)),
      ),
    );
  return bytes;
}

/** Those bytes that become a character. */
function valueLength(bytes: Buffer): number {
  return bytes.filter((byte) => byte < 248).length;
}

export function neverWritten(): readonly Needle[] {
  return made;
}
