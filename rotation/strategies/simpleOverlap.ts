import { z } from "zod";
import { jsonOrUndefined } from "../json";
import { generate } from "./generate";
import { failure, type RotationStrategy } from "./strategy";

const keysSchema = z.object({ current: z.string().min(32), previous: z.string().min(32) });

/**
 * A signing key with overlap: the JSON `{current, previous}` keeps the key before, so that what was signed with it is
 * still accepted until the next rotation. In an emergency it is not: there both are the new key.
 */
export const simpleOverlap = Object.freeze<RotationStrategy>({
  check: async () => undefined,
  async create({ secret, ports, emergency }, current) {
    const before = emergency || current === undefined ? undefined : signingKey(current);
    return overlapping(generate(ports.random, secret.length), before);
  },
  // What the current key has signed meanwhile has to verify on.
  rollBack: async (_context, to, current) => overlapping(signingKey(to), current && signingKey(current)),
  async restore(_context, from, current) {
    const [key, before] = [signingKey(from), current && signingKey(current)];
    return key === before ? undefined : overlapping(key, before);
  },
  set: async () => undefined,
  async test(context, { pending, current }) {
    const keys = keysSchema.safeParse(jsonOrUndefined(pending));
    if (!keys.success) {
      throw failure(
        context,
        "test",
        "SECRET_MALFORMED",
        "the new value is no JSON with current and previous of 32 characters",
      );
    }
    const before = current && signingKey(current);
    if (keys.data.current === before) {
      throw failure(context, "test", "VALUE_UNCHANGED", "the new version signs with the key of the current one");
    }
    if (context.emergency && keys.data.previous !== keys.data.current) {
      throw failure(context, "test", "SECRET_MALFORMED", "previous is not the new key: older tokens would be accepted");
    }
    if (!context.emergency && before !== undefined && keys.data.previous !== before) {
      throw failure(
        context,
        "test",
        "SECRET_MALFORMED",
        "previous is not the key that signs now: its tokens would be refused",
      );
    }
  },
  // Its consumers verify with the new value alone.
  retire: async () => undefined,
  breaks: async () => ["every token signed so far is refused, by each replica from its restart on"],
  accepts: async () => false,
});

/** Where nothing that was signed before counts, both are one: an empty key would verify a forger's token. */
function overlapping(current: string, previous: string | undefined): string {
  return JSON.stringify({ current, previous: previous ?? current });
}

/** The key that signs now. A value that is no JSON of ours is a bare key, as it may stand there before the first rotation. */
function signingKey(value: string): string {
  const keys = z.object({ current: z.string() }).safeParse(jsonOrUndefined(value));
  return keys.success ? keys.data.current : value;
}
