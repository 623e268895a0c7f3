import type { Refusal } from "../refusal";
import { readValues } from "../rotators/readValues";
import type { Entry } from "./run";

/**
 * The last gate of an emergency, behind "verified": what was valid before is taken out of use and refused. A run that
 * ends before it leaves the secret without its stamp, and the next one comes here again.
 *
 * @returns what was proven to be refused; undefined: there is no target that could be asked
 * @throws {RotationError} NOT_RETIRED, or what the target says
 */
export async function retired({ plan, versionId = "", setAt }: Entry): Promise<Refusal | undefined> {
  const { context, strategy } = plan;
  const { values, beforeId } = await readValues(context, versionId, "retire");
  const what = await strategy.retire(context, values, setAt);
  return what === undefined ? undefined : { at: context.ports.clock.now().toISOString(), versionId: beforeId, what };
}
