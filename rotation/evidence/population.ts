import type { StackConfig } from "../../infra/config/stackConfig";
import { fullName } from "../../infra/names";
import type { ReportedSecret } from "../report/report";
import { didRotate, type RotationRow } from "./rotations";

/** A secret of the population. */
export interface Member {
  readonly secret: string;
  /** In Secrets Manager. */
  readonly fullName: string;
  /** False: only the audit trail of the period knows it. What follows is undefined then. */
  readonly declared: boolean;
  readonly kind: string | undefined;
  readonly strategy: string | undefined;
  /** False: AWS or people rotate it, and the audit trail does not know of that. */
  readonly rotatedHere: boolean | undefined;
  readonly maxAgeDays: number | undefined;
  /** Of its kind. */
  readonly defaultMaxAgeDays: number | undefined;
  readonly maxAgeReason: string | undefined;
  readonly state: string | undefined;
  readonly rotatedAt: string | undefined;
  readonly ageDays: number | undefined;
  /** Version id of AWSCURRENT. */
  readonly versionId: string | undefined;
  /** In the period: those that ended well. */
  readonly rotations: number;
  /** In the period: those that failed. */
  readonly failures: number;
}

export function populationOf(
  { environment }: Pick<StackConfig, "environment">,
  secrets: readonly ReportedSecret[],
  rows: readonly RotationRow[],
): Member[] {
  const ofSecret = Map.groupBy(rows, ({ secret }) => secret);
  const counted = (secret: string) => {
    const own = ofSecret.get(secret) ?? [];
    const [rotations, failures] = [own.filter(didRotate), own.filter(({ errorCode }) => errorCode !== undefined)];
    return { secret, fullName: fullName(environment, secret), rotations: rotations.length, failures: failures.length };
  };
  const declared = secrets.map((secret): Member => {
    const { kind, strategy, maxAgeDays, defaultMaxAgeDays, maxAgeReason } = secret;
    const { rotatable: rotatedHere, state, rotatedAt, ageDays, versionId } = secret;
    const limit = { maxAgeDays, defaultMaxAgeDays, maxAgeReason };
    const live = { state, rotatedAt, ageDays, versionId };
    return { ...counted(secret.secret), declared: true, kind, strategy, rotatedHere, ...limit, ...live };
  });
  const known = new Set(secrets.map(({ secret }) => secret));
  const gone = [...ofSecret.keys()].filter((secret) => !known.has(secret)).sort();
  const nothing = {
    ...{ kind: undefined, strategy: undefined, rotatedHere: undefined },
    ...{ maxAgeDays: undefined, defaultMaxAgeDays: undefined },
    ...{ maxAgeReason: undefined, state: undefined, rotatedAt: undefined, ageDays: undefined, versionId: undefined },
  };
  return [...declared, ...gone.map((secret): Member => ({ ...counted(secret), declared: false, ...nothing }))];
}
