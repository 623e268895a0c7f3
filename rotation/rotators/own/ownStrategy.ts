import { documentOf, withoutProperties, withProperties } from "../../values/jsonDocument";
import { syncable } from "../common/expectedData";
import { failure, flawless, type Phasing, type RotationStrategy, type StrategyContext, type Values } from "../protocol";
import { objectText } from "./document";
import { guarded } from "./guarded";
import { newCredential } from "./newCredential";
import type { OwnKind } from "./ownKind";
import { ownNames, secondaryIn, withNext, withOnly } from "./pair";
import { retire } from "./retire";
import { setBack } from "./setBack";
import type { Credential } from "./steps";
import { settlesWithinSeconds, type Target, targetOf } from "./target";

/** The steps of a kind of one's own as the driver's protocol; what they do not say follows from the overlap. */
export function ownStrategy(own: OwnKind): RotationStrategy {
  const { overlap, properties, steps } = own;
  const target = targetOf(own);
  /** The credential of an older value, which is to be used again. */
  const back = async (context: StrategyContext, what: string, value: string) => {
    const credential = target.wanted(context, "check", what, value);
    if (overlap === "consumers-only" || (await target.isAccepted(context, "check", credential))) return credential;
    if (overlap === "one-live" && steps.set) return credential;
    const message = `${what} is refused by now`;
    throw failure(context, "check", "RETIRED", message, { hint: "rotate instead: it makes a new one" });
  };
  const isPair = isPairIn(own);
  const only = (context: StrategyContext, document: string, credential: Credential) =>
    own.secondaryFirst ? withOnly(document, credential, isPair(context)) : withProperties(document, credential);
  const strategy: RotationStrategy = Object.freeze<RotationStrategy>({
    overlap,
    ...(overlap === "two-live" && { phasing: phasingOf(own, target) }),
    async check(context, current) {
      const document = objectText(context, "check", current, properties);
      await guarded(context, "check", "check", async (at) => steps.check?.(at, target.inValue(current)));
      const sample = Object.fromEntries(properties.map((name) => [name, "x"]));
      syncable(context, "check", only(context, document, sample));
    },
    async create(context, current) {
      const document = objectText(context, "create", current, properties);
      const before = target.inValue(current);
      const made = await newCredential(context, own, target, before);
      if (!isPair(context) || !before || context.emergency) return only(context, document, made);
      const end = new Date(context.ports.clock.now().getTime() + own.gracePeriod(context.secret.parameters) * 1000);
      return withNext(withProperties(document, before), made, end);
    },
    async rollBack(context, to, current) {
      const credential = await back(context, "the version to go back to", to);
      return only(context, objectText(context, "check", current ?? to, properties), credential);
    },
    async restore(context, from, current) {
      if (from === current) return undefined;
      const credential = await back(context, "the backup", from);
      const [, next] = target.allIn(from);
      const isDead = next && !(await target.isAccepted(context, "check", next));
      return isDead ? only(context, from, credential) : from;
    },
    async set(context, values) {
      target.wanted(context, "set", "AWSPENDING", values.pending);
      if (!steps.set) return undefined;
      for (const one of target.newIn(values)) {
        if (overlap !== "consumers-only" && (await target.isAccepted(context, "set", one))) continue;
        await guarded(context, "set", "set", async (at) => steps.set?.(at, one, target.inValue(values.current)));
      }
      return undefined;
    },
    ...(overlap === "one-live" && {
      setBack: (context: StrategyContext, { current }: Values) =>
        setBack(context, own, target, target.inValue(current)),
    }),
    flaw(_context, { pending, current }) {
      const [credential, before] = [target.inValue(pending), target.inValue(current)];
      if (!credential) {
        return { code: "SECRET_MALFORMED", what: `the new value has not all of ${properties.join(", ")}` };
      }
      if (!before || !target.isSame(credential, before)) return undefined;
      if (target.allIn(pending).length !== target.allIn(current).length) return undefined;
      return { code: "VALUE_UNCHANGED", what: "the new version has the credential of the current one" };
    },
    keeps(_context, { pending, current }) {
      const credential = target.inValue(pending);
      if (!credential || current === undefined || !documentOf(current)) return true;
      const rest = (value: string) => withoutProperties(value, own.secondaryFirst ? ownNames(properties) : properties);
      return withProperties(current, credential) === pending || rest(current) === rest(pending);
    },
    async test(context, values) {
      flawless(strategy, context, "test", values);
      target.wanted(context, "test", "AWSPENDING", values.pending);
      const verdicts = target.newIn(values).map((one) => target.comesTo(context, "test", one, "accepted"));
      if ((await Promise.all(verdicts)).every(Boolean)) return;
      const message = `the new credential is refused, ${settlesWithinSeconds} s after it was made`;
      const hint = "see why at its target, then run the same command again";
      throw failure(context, "test", "CREDENTIAL_REFUSED", message, { retryable: true, hint });
    },
    retire: (context, values) => retire(context, own, target, values),
    breaks: async () =>
      overlap === "consumers-only"
        ? ["whoever else uses the value has to take the new one"]
        : ["whoever else uses the older credential is refused from then on"],
    async accepts(context, value) {
      const all = target.allIn(value);
      if (overlap === "consumers-only" || all.length === 0) return false;
      return (await Promise.all(all.map((one) => target.isAccepted(context, "check", one)))).every(Boolean);
    },
  });
  return strategy;
}

/** Whether the next credential is stored beside the one in use first. */
function isPairIn({ secondaryFirst }: OwnKind): (context: StrategyContext) => boolean {
  return ({ secret }) => secondaryFirst?.(secret.parameters) ?? false;
}

function latest(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other && one > other ? one : (other ?? one);
}

function phasingOf(own: OwnKind, target: Target): Phasing {
  const { steps, gracePeriod, unusedFor, properties, secondaryFirst } = own;
  const isPair = isPairIn(own);
  return {
    of: (context) => (isPair(context) ? ["prepare", "activate", "retire"] : ["activate", "retire"]),
    // Others have had their time by then.
    waitSeconds: (context, done) =>
      isPair(context) && done === "activate" ? 0 : gracePeriod(context.secret.parameters),
    ...(secondaryFirst && {
      phaseIn: (_context: StrategyContext, value: string) => (secondaryIn(value, properties) ? "prepare" : undefined),
    }),
    async hasOlder(context, values) {
      const older = target.olderThan(values).map((one) => target.isAccepted(context, "check", one));
      return (await Promise.all(older)).some(Boolean);
    },
    advance: {
      async activate(context, current) {
        const next = secondaryIn(current, properties) ?? target.wanted(context, "create", "the current value", current);
        return withOnly(current, next, isPair(context));
      },
    },
    async heldUpBy(context, phase, values) {
      if (phase === "activate") return undefined;
      const since = context.rotatedAt ?? new Date(0);
      const older = target.olderThan(values);
      const uses = await Promise.all(
        older.map((one) => guarded(context, "check", "lastUsed", async (at) => steps.lastUsed?.(at, one))),
      );
      const used = uses.filter((one) => one !== undefined && one > since).reduce(latest, undefined);
      if (!used) return undefined;
      const until = new Date(used.getTime() + unusedFor(context.secret.parameters) * 1000);
      if (until <= context.ports.clock.now()) return undefined;
      return `the older credential was used at ${used.toISOString()}, after the new one took over: it is not retired before ${until.toISOString()}, and later where it is used again. Find who uses it, and give them the new one`;
    },
  };
}
