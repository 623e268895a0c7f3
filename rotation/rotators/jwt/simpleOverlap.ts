import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import type { Step } from "../../steps";
import { documentOf, withProperties } from "../../values/jsonDocument";
import { isOneSecret } from "../app/renewed";
import { withoutDuplicates } from "../common/duplicates";
import { syncable } from "../common/expectedData";
import { generate } from "../common/generate";
import { type Flaw, failure, flawless, type RotationStrategy, type StrategyContext } from "../protocol";
import { previousHasExpired } from "./tokenGrace";

/** The key before the first rotation may be shorter, and what it has signed has to verify. */
const keysSchema = z.object({ current: z.string().min(32), previous: z.string().min(1) });

/**
 * A signing key with overlap: the JSON `{current, previous}` keeps the key before, so that what was signed with it is
 * still accepted until the next rotation. In an emergency it is not: there both are the new key. Other properties of the
 * JSON stay byte for byte.
 */
export const simpleOverlap: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "consumers-only",
  async check(context, current) {
    const before = current === undefined ? undefined : signingKey(context, "check", "the current value", current);
    if (before !== undefined) previousHasExpired(context);
    syncable(context, "check", overlapping(current, "x".repeat(context.secret.length), before));
  },
  async create(context, current) {
    const before = current === undefined ? undefined : signingKey(context, "create", "the current value", current);
    const key = generate(context.ports.random, context.secret.length);
    return overlapping(current, key, context.emergency ? undefined : before);
  },
  // What the current key has signed meanwhile has to verify on.
  async rollBack(context, to, current) {
    const key = signingKey(context, "check", "the version to go back to", to);
    const now = current === undefined ? undefined : keyIn(current);
    if (key === now && current !== undefined) return current;
    return overlapping(now === undefined ? to : current, key, now);
  },
  async restore(context, from, current) {
    const key = signingKey(context, "check", "the backup", from);
    const before = current === undefined ? undefined : keyIn(current);
    return key === before ? undefined : overlapping(from, key, before);
  },
  set: async () => undefined,
  flaw({ emergency }, { pending, current }) {
    const keys = keysSchema.safeParse(jsonOrUndefined(pending)).data;
    if (!keys) return malformed("the new value is no JSON with current, of 32 characters or more, and previous");
    const before = current === undefined ? undefined : keyIn(current);
    if (keys.current === before) {
      return { code: "VALUE_UNCHANGED", what: "the new version signs with the key of the current one" };
    }
    if (emergency) {
      if (keys.previous === keys.current) return undefined;
      return malformed("previous is not the new key: older tokens would be accepted");
    }
    if (!before || keys.previous === before) return undefined;
    return malformed("previous is not the key that signs now: its tokens would be refused");
  },
  keeps(_context, { pending, current }) {
    const keys = keysSchema.safeParse(jsonOrUndefined(pending)).data;
    if (!keys || current === undefined || !documentOf(current) || keyIn(current) === undefined) return true;
    return withProperties(current, keys) === pending;
  },
  test: async (context, values) => flawless(simpleOverlap, context, "test", values),
  // Its consumers verify with the new value alone.
  retire: async () => undefined,
  breaks: async () => ["every token signed so far is refused, by each replica from its restart on"],
  accepts: async () => false,
});

function malformed(what: string): Flaw {
  return { code: "SECRET_MALFORMED", what };
}

/** Where nothing that was signed before counts, both are one: an empty key would verify a forger's token. */
function overlapping(base: string | undefined, current: string, previous: string | undefined): string {
  const keys = { current, previous: previous || current };
  return base !== undefined && documentOf(base) ? withProperties(base, keys) : JSON.stringify(keys);
}

/** The key that signs now; undefined: the value is a document without one. A text is a bare key, as before the first rotation. */
function keyIn(value: string): string | undefined {
  return documentOf(value) ? keySchema.safeParse(jsonOrUndefined(value)).data?.current : value;
}

const keySchema = z.object({ current: z.string() });

/** @throws {SECRET_MALFORMED} for a value that would be lost, since it is neither one key nor a document with one */
function signingKey(context: StrategyContext, step: Step, name: string, value: string): string {
  const key = keyIn(value);
  if (key === undefined) {
    const message = `${name} is a JSON document without a key in the property current`;
    const hint =
      "put the key that signs now into it as current (aws secretsmanager put-secret-value), or that key alone";
    throw failure(context, step, "SECRET_MALFORMED", message, { hint });
  }
  if (documentOf(value)) withoutDuplicates(context, step, name, value);
  else isOneSecret(context, step, name, value);
  return key;
}
