import { generate } from "./generate";
import { flawless, type RotationStrategy } from "./strategy";

/** An application's own secret: a new random text, and nothing outside has to accept it. */
export const simple: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "consumers-only",
  check: async () => undefined,
  create: async ({ secret, ports }) => generate(ports.random, secret.length),
  rollBack: async (_context, to) => to,
  restore: async (_context, from, current) => (from === current ? undefined : from),
  set: async () => undefined,
  flaw(_context, { pending, current }) {
    if (pending === current)
      return { code: "VALUE_UNCHANGED", what: "the new version has the value of the current one" };
    if (pending.length >= 32) return undefined;
    return { code: "SECRET_MALFORMED", what: `the new value has ${pending.length} characters, fewer than 32` };
  },
  test: async (context, values) => flawless(simple, context, "test", values),
  // Nothing accepts it but the consumers, and these run with the new value.
  retire: async () => undefined,
  breaks: async () => ["whoever else uses the value has to take the new one"],
  accepts: async () => false,
});
