import { z } from "zod";
import { jsonOrUndefined } from "../json";
import { generate } from "./generate";
import { type Flaw, flawless, type RotationStrategy } from "./strategy";

/** The key before the first rotation may be shorter, and what it has signed has to verify. */
const keysSchema = z.object({ current: z.string().min(32), previous: z.string().min(1) });

/**
 * A signing key with overlap: the JSON `{current, previous}` keeps the key before, so that what was signed with it is
 * still accepted until the next rotation. In an emergency it is not: there both are the new key.
 */
export const simpleOverlap: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "consumers-only",
  check: async () => undefined,
  async create({ secret, ports, emergency }, current) {
    const before = emergency || current === undefined ? undefined : signingKey(current);
    return overlapping(generate(ports.random, secret.length), before);
  },
  // What the current key has signed meanwhile has to verify on.
  async rollBack(_context, to, current) {
    const [key, now] = [signingKey(to), current && signingKey(current)];
    return key === now && current !== undefined ? current : overlapping(key, now);
  },
  async restore(_context, from, current) {
    const [key, before] = [signingKey(from), current && signingKey(current)];
    return key === before ? undefined : overlapping(key, before);
  },
  set: async () => undefined,
  flaw({ emergency }, { pending, current }) {
    const keys = keysSchema.safeParse(jsonOrUndefined(pending)).data;
    if (!keys) return malformed("the new value is no JSON with current, of 32 characters or more, and previous");
    const before = current && signingKey(current);
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
function overlapping(current: string, previous: string | undefined): string {
  return JSON.stringify({ current, previous: previous || current });
}

/** The key that signs now. A value that is no JSON of ours is a bare key, as it may stand there before the first rotation. */
function signingKey(value: string): string {
  const keys = z.object({ current: z.string() }).safeParse(jsonOrUndefined(value));
  return keys.success ? keys.data.current : value;
}
