import type { StackConfig } from "../../infra/config/stackConfig";
import { type PackConfig, type StandingWaiver, waiversIn } from "../../policies/rules";
import { declaredTrail } from "../audit/declaredTrail";
import { type History, historyOf } from "../audit/history";
import { AuditError, describeError, UsageError } from "../errors";
import type { Ports } from "../ports";
import type { OpenStack } from "../stack/openStack";
import { type SecretStatus, statusOf } from "../status/status";

/** A declared secret as it stands, with what its limit comes from. */
export interface ReportedSecret extends SecretStatus {
  /** Why it may get as old as that, in the declaration's words. */
  readonly maxAgeReason: string | undefined;
  /** Of its kind, where nothing else is declared. */
  readonly defaultMaxAgeDays: number;
}

/** What the page shows. */
export interface Report {
  readonly stack: string;
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  readonly secrets: readonly ReportedSecret[];
  /** Its last runs, or why there are none to show. */
  readonly trail: History | { readonly missing: string };
  /** Undefined: no configuration of the policies was named. */
  readonly waivers: readonly StandingWaiver[] | undefined;
}

export interface ReportQuery {
  readonly pack: PackConfig | undefined;
  /** Number of runs of the history. */
  readonly limit: number;
}

/** Gathers the report from Secrets Manager and the audit trail. Touches nothing. */
export async function reportOf(open: OpenStack, ports: Ports, { pack, limit }: ReportQuery): Promise<Report> {
  const { config } = open;
  const now = ports.clock.now();
  const [secrets, trail] = await Promise.all([reportedSecrets(config, ports, pack ?? {}), trailOf(open, ports, limit)]);
  return {
    stack: config.stack,
    environment: config.environment,
    generatedAt: now.toISOString(),
    secrets,
    trail,
    waivers: pack && waiversIn(pack, now),
  };
}

const dueSeconds = 86_400;

/** The declared secrets as they stand. */
export async function reportedSecrets(config: StackConfig, ports: Ports, pack: PackConfig): Promise<ReportedSecret[]> {
  const status = await statusOf(config, ports, pack, dueSeconds);
  const declared = new Map(config.secrets.map((secret) => [secret.name, secret]));
  return status.map((secret) => {
    const { maxAgeReason, kindMaxAgeDays = secret.maxAgeDays } = declared.get(secret.secret) ?? {};
    return { ...secret, maxAgeReason, defaultMaxAgeDays: kindMaxAgeDays };
  });
}

/** A trail that cannot be read is a fact for the page, which has more to show. */
async function trailOf({ config, project }: OpenStack, ports: Ports, limit: number): Promise<Report["trail"]> {
  try {
    const places = declaredTrail(config, ports, project);
    return await historyOf(places, { environment: config.environment, name: undefined, limit });
  } catch (error) {
    return {
      missing: error instanceof UsageError || error instanceof AuditError ? error.message : describeError(error),
    };
  }
}
