import { emergencyStage } from "../../infra/names";
import { prove } from "../gates/prove";
import type { PlannedSecret } from "../plan/plannedSecret";
import { planRollback } from "../plan/planRollback";
import { planRotation } from "../plan/planRotation";
import { versionWith } from "../ports/secretsManager";
import { readValues } from "../rotators/readValues";
import type { Site } from "./site";

interface Options {
  /** What is valid now is taken for compromised, and retired. */
  readonly emergency?: boolean;
  /** Goes back to the version before in place of making a new one. */
  readonly back?: boolean;
}

/**
 * One rotation by the driver's own plan and gate, with the store in the place of Pulumi, and nothing in Kubernetes; of several
 * phases one. Where an older credential is still to be retired, that comes first.
 */
export async function rotateOnce(site: Site, { emergency = false, back = false }: Options = {}): Promise<void> {
  const found = await site.found(emergency);
  const plan = back ? await planRollback(found, undefined) : await planRotation(found);
  if (!plan || (plan.mode === "retire" && !plan.newValue)) {
    await retireOlder(site);
    return rotateOnce(site, { emergency });
  }
  const versionId = plan.newVersionId ?? (await written(site, plan));
  const setAt = await prove(plan, versionId, site.observer);
  if (emergency || plan.phase === "retire") {
    const { values } = await readValues(plan.context, versionId, "retire");
    await site.strategy.retire(plan.context, values, setAt);
  }
  await site.store.settle(versionId);
}

/** A rotation with all of its phases, or the retirement that comes after the grace period, where there is one. */
export async function rotateWhole(site: Site, emergency: boolean): Promise<void> {
  await rotateOnce(site, { emergency });
  if (site.own) {
    if (site.retires && !emergency) await retireOlder(site);
    return;
  }
  while (!(await isAtItsEnd(site))) await rotateOnce(site);
}

/** No later phase is pending, as the current value says. */
async function isAtItsEnd(site: Site): Promise<boolean> {
  const { phasing } = site.strategy;
  if (!phasing?.phaseIn) return true;
  const [{ context }, { current }] = [await site.found(), await site.values()];
  return phasing.phaseIn(context, current) === "retire";
}

async function written({ store }: Site, { newValue, context, counter }: PlannedSecret): Promise<string> {
  if (!newValue) throw new Error("a version that is under way has an id");
  return store.write(await newValue(), context.emergency ? [emergencyStage] : [], counter);
}

/**
 * Takes whatever was valid before the current value out of use, as an emergency or the end of a grace period does.
 *
 * @returns the value that was retired; undefined: there is none
 */
export async function retireOlder(site: Site): Promise<string | undefined> {
  if (!site.own) {
    const { current } = await site.values();
    await rotateOnce(site, { emergency: true });
    return current;
  }
  const { context, live } = await site.found();
  const { values } = await readValues(context, versionWith("AWSCURRENT", live) ?? "", "retire");
  await site.strategy.retire(context, values, undefined);
  return values.current;
}
