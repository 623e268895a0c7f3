import { jsonOrUndefined } from "../../json";
import type { Step } from "../../steps";
import { withProperties } from "../../values/jsonDocument";
import { withoutDuplicates } from "../common/duplicates";
import { syncable } from "../common/expectedData";
import { type Flaw, failure, flawless, type RotationStrategy, type StrategyContext, type Values } from "../protocol";
import { isSameSet, type KeySet, keySetIn, newKey, properties, publicOf, saysPrivate, textOf } from "./keySet";
import { signingKeysOf } from "./parameters";
import { notWorking } from "./signs";

/**
 * Signing keys whose public set is published and cached. A verifier that has not read the set again refuses what an unknown key
 * signs, and one that has read it refuses what a removed key has signed. So the next key is in the set for `cacheTime` before it
 * signs, and the one before stays in it for `tokenLifetime` after.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 */
export const publishedFirst: RotationStrategy = Object.freeze<RotationStrategy>({
  overlap: "consumers-only",
  phasing: {
    of: () => ["prepare", "activate", "retire"],
    waitSeconds(context, done) {
      const { cacheTime, tokenLifetime } = signingKeysOf(context);
      return done === "prepare" ? cacheTime : tokenLifetime;
    },
    phaseIn(_context, value) {
      const set = keySetIn(value);
      if (set?.next) return "prepare";
      return set && set.published.length > 1 ? "activate" : "retire";
    },
    advance: {
      async activate(context, current) {
        const { signing, next, published } = wanted(context, "create", "the current value", current);
        return textOf({ signing: next ?? signing, published, next: undefined }, current);
      },
      async retire(context, current) {
        const { signing } = wanted(context, "create", "the current value", current);
        return textOf({ signing, published: [publicOf(signing)], next: undefined }, current);
      },
    },
  },
  async check(context, current) {
    if (current !== undefined) wanted(context, "check", "the current value", current);
    const sample = Object.fromEntries(properties.map((name) => [name, "x"]));
    syncable(context, "check", current === undefined ? JSON.stringify(sample) : withProperties(current, sample));
  },
  async create(context, current) {
    const key = await newKey(signingKeysOf(context).algorithm);
    if (current === undefined || context.emergency) {
      return textOf({ signing: key, published: [publicOf(key)], next: undefined }, current);
    }
    const { signing, published } = wanted(context, "create", "the current value", current);
    return textOf({ signing, published: [...published, publicOf(key)], next: key }, current);
  },
  async rollBack(context, to, current) {
    const older = wanted(context, "check", "the version to go back to", to);
    const now = current === undefined ? undefined : keySetIn(current);
    if (!now) return to;
    const isKnown = now.published.some(({ kid }) => kid === older.signing.kid);
    if (isKnown) return textOf(broughtBack(older, now), current);
    const message =
      "the key of the version to go back to has left the public set: verifiers would refuse what it signs";
    throw failure(context, "check", "RETIRED", message, {
      hint: "rotate instead: it makes a new one, and publishes it first",
    });
  },
  async restore(context, from, current) {
    const older = wanted(context, "check", "the backup", from);
    const now = current === undefined ? undefined : keySetIn(current);
    if (!now) return from;
    if (older.signing.kid === now.signing.kid) return undefined;
    if (!now.published.some(({ kid }) => kid === older.signing.kid)) {
      const { cacheTime } = signingKeysOf(context);
      const text = `the backup's key is not in the public set now: a verifier that has not read the set again refuses what it signs, for ${cacheTime} s at most`;
      context.findings.warn(text);
    }
    return textOf(broughtBack(older, now), current);
  },
  set: async () => undefined,
  flaw,
  keeps(_context, { pending, current }) {
    if (current === undefined || !keySetIn(current) || !keySetIn(pending)) return true;
    const own = jsonOrUndefined(pending) as Record<string, string>;
    return withProperties(current, Object.fromEntries(properties.map((name) => [name, own[name] ?? ""]))) === pending;
  },
  async test(context, values) {
    flawless(publishedFirst, context, "test", values);
    const set = wanted(context, "test", "the new value", values.pending);
    const { privateKey } = jsonOrUndefined(values.pending) as { privateKey: string };
    const before = context.emergency || values.current === undefined ? undefined : keySetIn(values.current)?.signing;
    const what = await notWorking(set, privateKey, before);
    if (what !== undefined) throw failure(context, "test", "SECRET_MALFORMED", what, { hint: again });
  },
  // Verifiers read the set from the consumers, which run with the new one by then.
  retire: async () => undefined,
  async breaks(context) {
    const { cacheTime } = signingKeysOf(context);
    return [
      "every token signed so far is refused, by each verifier from its next look at the public set on",
      `a verifier refuses the new tokens until it reads the set again, for ${cacheTime} s at most`,
    ];
  },
  accepts: async () => false,
});

const again = "rotate it: that makes a new value";

/** The older key signs again; what signs now stays in the set, as its tokens have to verify. What only was to sign next leaves it. */
function broughtBack({ signing }: KeySet, now: KeySet): KeySet {
  const published = now.published.filter(({ kid }) => kid !== now.next?.kid || kid === signing.kid);
  return { signing, published, next: undefined };
}

function flaw({ emergency }: StrategyContext, { pending, current }: Values): Flaw | undefined {
  const set = keySetIn(pending);
  if (!set) return malformed("the new value is no JSON with privateJwk and jwks, in which the key that signs is");
  if (set.published.some(saysPrivate)) return malformed("the public set has a private key in it");
  const before = current === undefined ? undefined : keySetIn(current);
  if (!before) return undefined;
  if (isSameSet(set, before))
    return { code: "VALUE_UNCHANGED", what: "the new version has the keys of the current one" };
  if (emergency) {
    const isAlone = set.published.length === 1 && set.signing.kid !== before.signing.kid;
    return isAlone ? undefined : malformed("the public set has an older key: its tokens would be accepted");
  }
  if (set.published.some(({ kid }) => kid === before.signing.kid)) return undefined;
  return malformed("the public set lacks the key that signs now: its tokens would be refused");
}

function malformed(what: string): Flaw {
  return { code: "SECRET_MALFORMED", what };
}

/** @throws {SECRET_MALFORMED} for a value that is no set of keys, since its tokens could not be verified any more */
function wanted(context: StrategyContext, step: Step, name: string, value: string): KeySet {
  const set = keySetIn(value);
  if (set === undefined) {
    const message = `${name} is no JSON with the texts privateJwk (a private JWK with kid and alg) and jwks (the public set that has it)`;
    const hint = "put both into it (aws secretsmanager put-secret-value); the rest is added by the rotation";
    throw failure(context, step, "SECRET_MALFORMED", message, { hint });
  }
  withoutDuplicates(context, step, name, value);
  return set;
}
