import { bytesOf } from "../../values/externalSecrets";
import { documentOf } from "../../values/jsonDocument";
import { syncable } from "../common/expectedData";
import { generate } from "../common/generate";
import { type Flaw, flawless, type RotationStrategy, type StrategyContext } from "../protocol";
import { ownNode, renewed } from "./renewed";

/**
 * An application's own secret: a new random text, or a document with one property renewed, and nothing outside has to
 * accept it.
 */
export const simple: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "consumers-only",
  async check(context, current) {
    syncable(context, "check", renewed(context, "check", current, "x".repeat(context.secret.length)));
  },
  async create(context, current) {
    return renewed(context, "create", current, generate(context.ports.random, context.secret.length));
  },
  // What others have put into the document meanwhile is not the rotation's to take back.
  async rollBack(context, to, current) {
    const restored = current === undefined ? to : withPropertyOf(context, to, current);
    if (restored !== to) {
      const text = `only ${context.secret.property} goes back: the rest of the document differs from that version's, and stays`;
      context.findings.warn(text);
    }
    return restored;
  },
  // A backup is brought back as it is, the whole document.
  restore: async (_context, from, current) => (from === current ? undefined : from),
  set: async () => undefined,
  flaw(context, { pending, current }) {
    if (pending === current)
      return { code: "VALUE_UNCHANGED", what: "the new version has the value of the current one" };
    return context.secret.property === undefined ? textFlaw(pending) : propertyFlaw(context, pending);
  },
  keeps: (context, { pending, current }) =>
    current === undefined || withPropertyOf(context, pending, current) === pending,
  test: async (context, values) => flawless(simple, context, "test", values),
  // Nothing accepts it but the consumers, and these run with the new value.
  retire: async () => undefined,
  breaks: async () => ["whoever else uses the value has to take the new one"],
  accepts: async () => false,
});

/** What is current with the declared property of another value; where either has none, that one as a whole. */
function withPropertyOf(context: StrategyContext, other: string, current: string): string {
  const [there, here] = [ownNode(context, other), ownNode(context, current)];
  if (!there || !here) return other;
  const text = other.slice(there.offset, there.offset + there.length);
  return current.slice(0, here.offset) + text + current.slice(here.offset + here.length);
}

/** A document comes back by a rollback or a restore, as short as it was. */
function textFlaw(pending: string): Flaw | undefined {
  if (pending.length >= 32 || documentOf(pending)) return undefined;
  return { code: "SECRET_MALFORMED", what: `the new value has ${pending.length} characters, fewer than 32` };
}

function propertyFlaw({ secret }: StrategyContext, pending: string): Flaw | undefined {
  if (bytesOf(pending, secret.property)?.length) return undefined;
  const what = `the new value is no JSON document with a text in the property ${secret.property}`;
  return { code: "SECRET_MALFORMED", what };
}
