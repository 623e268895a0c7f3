import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { effectiveMaxAgeDays } from "../../infra/kinds";
import { fullName, tags } from "../../infra/names";
import { isInterrupted } from "../plan/found";
import type { Ports } from "../ports";
import { versionWith } from "../ports/secretsManager";
import { strategyOf } from "../strategies";

/** `watched`: only its age is looked at here, something else rotates it. */
export type State = "not-provisioned" | "never-rotated" | "interrupted" | "stale" | "due" | "ok";

export interface SecretStatus {
  readonly secret: string;
  readonly kind: string;
  readonly strategy: string;
  /** Whether `rotate` can rotate it. */
  readonly rotatable: boolean;
  readonly state: State;
  /** Version id of AWSCURRENT. */
  readonly versionId: string | undefined;
  /** ISO 8601; undefined: never. */
  readonly rotatedAt: string | undefined;
  readonly ageDays: number | undefined;
  readonly maxAgeDays: number;
}

const dayMs = 86_400_000;

/**
 * What is live in Secrets Manager, for every declared secret.
 *
 * @param dueWithinSeconds  a secret that gets stale within this time is due
 */
export async function statusOf(config: StackConfig, ports: Ports, dueWithinSeconds: number): Promise<SecretStatus[]> {
  const now = ports.clock.now();
  return Promise.all(config.secrets.map((secret) => secretStatus(secret, config, ports, now, dueWithinSeconds)));
}

async function secretStatus(
  secret: SecretDeclaration,
  { environment }: StackConfig,
  { secretsManager }: Ports,
  now: Date,
  dueWithinSeconds: number,
): Promise<SecretStatus> {
  const maxAgeDays = effectiveMaxAgeDays(secret.kind, environment, secret.maxAgeDays);
  const rotatable = !("watchedOnly" in strategyOf(secret.strategy));
  const base = { secret: secret.name, kind: secret.kind, strategy: secret.strategy, rotatable, maxAgeDays };
  const found = await secretsManager.describe(fullName(environment, secret.name));
  if (!found)
    return { ...base, state: "not-provisioned", versionId: undefined, rotatedAt: undefined, ageDays: undefined };
  const versionId = versionWith("AWSCURRENT", found);
  const rotatedAt = found.tags[tags.rotatedAt];
  const ageMs = rotatedAt === undefined ? undefined : now.getTime() - new Date(rotatedAt).getTime();
  const interrupted = [versionWith("AWSPENDING", found), versionId].some(
    (id) => id !== undefined && isInterrupted(id, found),
  );
  const ageDays = ageMs === undefined ? undefined : ageMs / dayMs;
  return { ...base, state: stateOf(ageDays, maxAgeDays, interrupted, dueWithinSeconds), versionId, rotatedAt, ageDays };
}

function stateOf(
  ageDays: number | undefined,
  maxAgeDays: number,
  interrupted: boolean,
  dueWithinSeconds: number,
): State {
  if (interrupted) return "interrupted";
  if (ageDays === undefined || Number.isNaN(ageDays)) return "never-rotated";
  if (ageDays > maxAgeDays) return "stale";
  return ageDays + dueWithinSeconds / 86_400 >= maxAgeDays ? "due" : "ok";
}

/** Whether `rotate --due` takes it. */
export function isDue({ state, rotatable }: SecretStatus): boolean {
  return rotatable && ["never-rotated", "interrupted", "stale", "due"].includes(state);
}
