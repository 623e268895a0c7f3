import type { Standing, StrategyContext } from "../protocol";
import { guarded } from "./guarded";
import type { OwnKind } from "./ownKind";
import type { Credential } from "./steps";
import type { Target } from "./target";

/** Of `one-live`: has the target accept the current credential again, where it does not. Never throws. */
export async function setBack(
  context: StrategyContext,
  { steps }: Pick<OwnKind, "steps">,
  target: Target,
  current: Credential | undefined,
): Promise<Standing> {
  if (!current) return { acceptsCurrent: false, text: "there is no credential that could be set back" };
  try {
    if (!(await target.isAccepted(context, "set", current))) {
      await guarded(context, "set", "set", async (at) => steps.set?.(at, current, undefined));
      if (!(await target.comesTo(context, "set", current, "accepted"))) throw new Error("refused");
    }
    return { acceptsCurrent: true, text: "the current credential was set back, and is accepted" };
  } catch {
    const text = "the current credential could not be set back: services may be refused";
    return { acceptsCurrent: false, text };
  }
}
