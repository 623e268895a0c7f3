import type { Step } from "../../steps";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext, type Values } from "../protocol";
import { credentialIn, guarded } from "./guarded";
import type { OwnKind } from "./ownKind";
import { secondaryIn } from "./pair";
import type { Credential, Verdict } from "./steps";

/** How long a new credential may take to be accepted, and an old one to be refused, in seconds. */
export const settlesWithinSeconds = 30;

/** What is asked of the credentials of a kind of one's own, and of its target about them. */
export interface Target {
  /** The credential in a value; undefined: it has not all of the properties. */
  inValue(value: string | undefined): Credential | undefined;
  /** @throws {SECRET_MALFORMED} when there is none */
  wanted(context: StrategyContext, step: Step, what: string, value: string): Credential;
  /** Those of a value: the one in use, and the next one where there is one. */
  allIn(value: string | undefined): Credential[];
  /** What the older values have, and the pending one has not. */
  olderThan(values: Values): Credential[];
  /** What the pending value has, and the current one has not; where that is nothing, the one in use. */
  newIn(values: Values): Credential[];
  isSame(one: Credential, other: Credential): boolean;
  /** Asked once. */
  isAccepted(context: StrategyContext, step: Step, credential: Credential): Promise<boolean>;
  /**
   * Whether the target says this of the credential within `settlesWithinSeconds`. A target that cannot tell is asked again.
   *
   * @throws {ROTATOR_FAILED} when it could not tell to the end
   */
  comesTo(context: StrategyContext, step: Step, credential: Credential, verdict: Verdict): Promise<boolean>;
}

export function targetOf({
  properties,
  steps,
  secondaryFirst,
}: Pick<OwnKind, "properties" | "steps" | "secondaryFirst">): Target {
  const inValue = (value: string | undefined) => (value === undefined ? undefined : credentialIn(value, properties));
  const isSame = (one: Credential, other: Credential) => properties.every((name) => one[name] === other[name]);
  const allIn = (value: string | undefined) => {
    const second = value === undefined || !secondaryFirst ? undefined : secondaryIn(value, properties);
    return [inValue(value), second].filter((one) => one !== undefined);
  };
  const without = (all: readonly Credential[], others: readonly Credential[]) =>
    all.filter((one) => !others.some((other) => isSame(one, other)));
  const ask = (context: StrategyContext, step: Step, credential: Credential) =>
    guarded(context, step, "test", (at) => steps.test(at, credential));
  return Object.freeze<Target>({
    inValue,
    isSame,
    wanted(context, step, what, value) {
      const found = inValue(value);
      if (found) return found;
      const message = `${what} is no JSON object with ${properties.join(" and ")}`;
      throw failure(context, step, "SECRET_MALFORMED", message, { hint: "rotate it: that makes a new one" });
    },
    allIn,
    olderThan: ({ pending, current, previous }) => {
      const inCurrent = without(allIn(current), allIn(pending));
      return [...inCurrent, ...without(allIn(previous), [...allIn(pending), ...inCurrent])];
    },
    newIn({ pending, current }) {
      const [first, ...others] = without(allIn(pending), allIn(current));
      return first ? [first, ...others] : allIn(pending).slice(0, 1);
    },
    isAccepted: async (context, step, credential) => (await ask(context, step, credential)) === "accepted",
    async comesTo(context, step, credential, verdict) {
      let failed: { readonly error: unknown } | undefined;
      const look = async () => {
        failed = undefined;
        const found = await ask(context, step, credential).catch((error: unknown) => {
          failed = { error };
          return undefined;
        });
        return found === verdict ? true : undefined;
      };
      const came = await waitFor(look, { timeoutSeconds: settlesWithinSeconds });
      if (!came && failed) throw (failed as { readonly error: unknown }).error;
      return came === true;
    },
  });
}
