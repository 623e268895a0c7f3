import type { PackConfig, StandingWaiver } from "../../policies/rules";
import { waiversIn } from "../../policies/rules";
import { declaredTrail } from "../audit/declaredTrail";
import { historyOf } from "../audit/history";
import type { Ports } from "../ports";
import { reportedSecrets } from "../report/report";
import type { OpenStack } from "../stack/openStack";
import type { Period } from "./period";
import { type Member, populationOf } from "./population";
import { remarksOf } from "./remarks";
import { type RotationRow, rotationsOf } from "./rotations";

/** What an auditor is handed of a period. It holds names, versions and dates, and no value. */
export interface Evidence extends Period {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  /** The place of the audit trail that was read. */
  readonly place: string;
  /** What a reader has to know: what is missing, open, or was not said. */
  readonly remarks: readonly string[];
  /** The declared secrets as they stand now, and those that only the trail of the period knows. */
  readonly population: readonly Member[];
  /** Of the period: each run, by secret, the oldest first. */
  readonly rotations: readonly RotationRow[];
  /** As they stand now; undefined: no configuration of the policies was named. */
  readonly exceptions: readonly StandingWaiver[] | undefined;
}

/**
 * Gathers the evidence from the stack's configuration, Secrets Manager and the audit trail. Touches nothing.
 *
 * @throws {UsageError} the stack declares no audit trail, with what to declare; {AuditError} it cannot be read
 */
export async function evidenceOf(
  open: OpenStack,
  ports: Ports,
  { period, pack }: { readonly period: Period; readonly pack: PackConfig | undefined },
): Promise<Evidence> {
  const { config, project } = open;
  const places = declaredTrail(config, ports, project);
  const { environment } = config;
  const query = { environment, name: undefined, limit: Number.POSITIVE_INFINITY, period };
  const [secrets, history] = await Promise.all([reportedSecrets(config, ports, pack ?? {}), historyOf(places, query)]);
  const now = ports.clock.now();
  const runs = history.runs.filter(({ command }) => command !== "backup").toReversed();
  const exceptions = pack && waiversIn(pack, now);
  const rotations = rotationsOf(runs);
  const population = populationOf(config, secrets, rotations);
  return {
    schemaVersion: 1,
    stack: config.stack,
    environment,
    ...period,
    generatedAt: now.toISOString(),
    place: history.place,
    remarks: remarksOf({ period, now, runs, population, exceptions, ofTrail: history.remarks }),
    population,
    rotations,
    exceptions,
  };
}
