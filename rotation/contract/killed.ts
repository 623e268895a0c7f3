import type { Credential } from "../rotators/own/steps";
import type { Order } from "./messages";
import { type Keeper, runOrder } from "./rotatorProcess";
import { Broken } from "./verdict";

/** More points than any rotation has: it would not end otherwise. */
const mostPoints = 200;

/**
 * Kills a rotation at each of its points, and runs it again in a new process.
 *
 * @returns how many points there are
 * @throws {Broken} when it does not come through
 */
export async function killEverywhere(
  base: Pick<Order, "file" | "parameters" | "strategy">,
  emergency: boolean,
  keeper: Keeper,
): Promise<number> {
  let made: Credential[] = [];
  let point = "the beginning";
  for (let dieAt = 1; dieAt <= mostPoints; dieAt++) {
    const order: Order = { ...base, what: "resume", dieAt, emergency, isFirst: dieAt === 1, made };
    let last = "";
    const fresh: Credential[] = [];
    const { wasKilled, failure } = await runOrder(order, keeper, (told) => {
      if ("point" in told) last = told.point;
      if ("made" in told) fresh.push(told.made);
    });
    if (failure !== undefined) throw new Broken(`killed ${point}, and run again: ${failure}`);
    if (!wasKilled) return dieAt - 1;
    [made, point] = [fresh, `${last}${emergency ? " of an emergency" : ""}`];
  }
  throw new Broken(`a rotation has more than ${mostPoints} calls`);
}
