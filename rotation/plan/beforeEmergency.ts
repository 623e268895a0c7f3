import { emergencyStage } from "../../infra/names";
import { versionWith } from "../ports/secretsManager";
import { failure } from "../rotators/protocol";
import type { Found } from "./found";

/** An older value. */
export interface OlderValue {
  /** For the message. */
  readonly what: string;
  readonly versionId: string;
  /** The latest time at which it can have been written; undefined: not known. */
  readonly writtenAt: Date | undefined;
}

/**
 * What an emergency replaced is compromised, even where its target would take it again.
 *
 * @throws {RETIRED}
 */
export async function notFromBeforeEmergency({ context, live }: Found, value: OlderValue): Promise<void> {
  const { what, versionId, writtenAt } = value;
  const emergency = versionWith(emergencyStage, live);
  if (emergency === undefined || emergency === versionId) return;
  const replacedAt = await context.ports.secretsManager.createdAt(context.fullName, emergency);
  if (!replacedAt || !writtenAt || !isBefore(writtenAt, replacedAt)) return;
  const message = `${what} is from before the emergency rotation of ${replacedAt.toISOString()}`;
  throw failure(context, "check", "RETIRED", message, { hint: "rotate instead: it makes a new value" });
}

/** Secrets Manager may tell its times in whole seconds. */
function isBefore(writtenAt: Date, replacedAt: Date): boolean {
  return Math.floor(writtenAt.getTime() / 1000) * 1000 <= replacedAt.getTime();
}
