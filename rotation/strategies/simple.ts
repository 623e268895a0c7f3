import { generate } from "./generate";
import { failure, type RotationStrategy } from "./strategy";

/** An application's own secret: a new random text, and nothing outside has to accept it. */
export const simple = Object.freeze<RotationStrategy>({
  check: async () => undefined,
  create: async ({ secret, ports }) => generate(ports.random, secret.length),
  rollBack: async (_context, to) => to,
  restore: async (_context, from, current) => (from === current ? undefined : from),
  set: async () => undefined,
  async test(context, { pending, current }) {
    if (pending === current) {
      throw failure(context, "test", "VALUE_UNCHANGED", "the new version has the value of the current one");
    }
    if (pending.length < 32) {
      throw failure(
        context,
        "test",
        "SECRET_MALFORMED",
        `the new value has ${pending.length} characters, fewer than 32`,
      );
    }
  },
  // Nothing accepts it but the consumers, and these run with the new value.
  retire: async () => undefined,
  breaks: async () => ["whoever else uses the value has to take the new one"],
  accepts: async () => false,
});
