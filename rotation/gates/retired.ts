import type { Entry } from "../run/run";
import { readValues } from "./readValues";

/**
 * The last gate of an emergency, behind "verified": what was valid before is taken out of use and refused. A run that
 * ends before it leaves the secret without its stamp, and the next one comes here again.
 *
 * @throws {RotationError} NOT_RETIRED, or what the target says
 */
export async function retired({ plan, versionId = "", setAt }: Entry): Promise<void> {
  const { context, strategy } = plan;
  const { values } = await readValues(context, versionId, "retire");
  await strategy.retire(context, values, setAt);
}
