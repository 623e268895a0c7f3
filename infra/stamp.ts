import { type PhaseFacts, tagsOfPhase } from "../policies/rules/phases";
import { tags } from "./names";

/** What the settling update stamps on a Secret, for whoever reads no values. */
export interface SettledSecret {
  /** ISO 8601. */
  readonly rotatedAt: string;
  readonly rotatedVersion: string;
  /** Id of the run. */
  readonly rotatedBy: string;
  /** Of a kind whose older credential is retired later; undefined: it has one phase. */
  readonly phase?: PhaseFacts | undefined;
  /** When the value expires, where it says so itself. */
  readonly notAfter?: Date | undefined;
  /** From when on it is to be renewed, where its kind says that by the share of its lifetime. */
  readonly renewFrom?: Date | undefined;
}

/** The tags that a stamp writes. */
export function tagsOfStamp({ rotatedAt, rotatedVersion, rotatedBy, phase, notAfter, renewFrom }: SettledSecret) {
  return {
    [tags.rotatedAt]: rotatedAt,
    [tags.rotatedVersion]: rotatedVersion,
    [tags.rotatedBy]: rotatedBy,
    ...(phase && tagsOfPhase(phase)),
    ...(notAfter && { [tags.notAfter]: notAfter.toISOString() }),
    ...(renewFrom && { [tags.renewFrom]: renewFrom.toISOString() }),
  };
}

/** The tags that stay as they are: all of a stamp in every other update, and what this stamp does not know of. */
export function tagsKept(settled: SettledSecret | undefined): readonly string[] {
  const ofPhase = [tags.phase, tags.phaseUntil, tags.retirePending];
  return [
    tags.createdAt,
    ...(settled ? [] : [tags.rotatedAt, tags.rotatedVersion, tags.rotatedBy]),
    ...(settled?.phase ? [] : ofPhase),
    ...(settled?.notAfter ? [] : [tags.notAfter]),
    ...(settled?.renewFrom ? [] : [tags.renewFrom]),
  ];
}
