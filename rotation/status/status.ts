import { strategyOf } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { fullName, projectName, tags } from "../../infra/names";
import { type Evaluation, statusOf as judged, type PackConfig, type SecretFacts } from "../../policies/rules";
import { effectiveMaxAgeDays } from "../../policies/rules/maxAge";
import { rotateCommand, runbookOf } from "../../policies/rules/secret";
import { failureOf } from "../failureOf";
import { type AwsRotationStatus, awsRotationOf } from "../plan/awsRotation";
import { isInterrupted } from "../plan/found";
import type { Ports } from "../ports";
import { type SecretDescription, versionWith } from "../ports/secretsManager";
import { calendarOf, later } from "../schedule/calendar";
import { jitterSeconds } from "../schedule/jitter";
import { type Cause, isDue as isDueBy, type NextRotation, nextRotation, type Schedule } from "../schedule/nextRotation";
import { earlier, nextPhaseRun, type PhaseStatus, phaseStatus } from "./phaseStatus";

/**
 * `unverified`: AWS has rotated it, and no run has seen its consumers with that yet;
 * `unknown`: AWS does not say it, see the error; `deleted`: scheduled for deletion; `stale`: the policies say so, or will as
 * soon as they look; `due`: a scheduled run takes it now, as the next one might be too late.
 */
export type State =
  | "unknown"
  | "not-provisioned"
  | "deleted"
  | "never-rotated"
  | "interrupted"
  | "unverified"
  | "stale"
  | "due"
  | "ok";

export interface SecretStatus {
  readonly secret: string;
  readonly kind: string;
  readonly strategy: string;
  /** Whether `rotate` can rotate it. */
  readonly rotatable: boolean;
  readonly state: State;
  /** Version id of AWSCURRENT. */
  readonly versionId: string | undefined;
  /** The tag; ISO 8601; undefined: never. */
  readonly rotatedAt: string | undefined;
  /** Whole UTC days; undefined where nothing dates the secret that could be read, or believed. */
  readonly ageDays: number | undefined;
  readonly maxAgeDays: number;
  /** Of a secret that people rotate: by what; missing: a run rotates it, or AWS. */
  readonly runbook?: string;
  /** The first violation of a policy that time brings, which may lie in the past; ISO 8601; missing: nothing says when. */
  readonly due?: { readonly policy: string; readonly at: string };
  /** UTC days until what the value is valid for ends, negative afterwards; missing where the tags say no end. */
  readonly daysToExpiry?: number;
  /** Of a kind with several phases, between two of them; missing: nothing is pending. */
  readonly phase?: PhaseStatus;
  /** Of strategy native: what AWS says of its rotation. */
  readonly byAws?: AwsRotationStatus;
  /** When a scheduled run takes it; undefined: none does, or nothing says when. */
  readonly next: NextRotation | undefined;
  /** Why the state is not known, and what to do. */
  readonly error?: { readonly message: string; readonly hint: string | undefined };
}

/**
 * What is live in Secrets Manager, for every declared secret; its age is judged as the policies do.
 *
 * @param pack  the policy pack's configuration: its limits hold here too
 * @param dueWithinSeconds  a secret that gets stale within this time is due; with windows, within this time after the next one
 */
export async function statusOf(
  config: StackConfig,
  { secretsManager, clock }: Pick<Ports, "secretsManager" | "clock">,
  pack: PackConfig,
  dueWithinSeconds: number,
): Promise<SecretStatus[]> {
  const { environment, stack } = config;
  const evaluation: Evaluation = { now: clock.now(), stack, environment, config: pack };
  const schedule: Schedule = { calendar: calendarOf(config.schedule), now: evaluation.now, dueWithinSeconds };
  return Promise.all(
    config.secrets.map(async (secret) => {
      const strategy = strategyOf(config.rotators, secret);
      const follows = "watchedOnly" in strategy && strategy.follows !== undefined;
      const base = {
        secret: secret.name,
        kind: secret.kind,
        strategy: secret.strategy,
        rotatable: "steps" in strategy,
      };
      const name = fullName(environment, secret.name);
      try {
        const live = await secretsManager.describe(name);
        const current = live && versionWith("AWSCURRENT", live);
        // Its version dates what AWS rotates best. A deleted secret cannot be read.
        const isReadable = current !== undefined && !live?.deletedAt;
        const createdAt = follows && isReadable ? await secretsManager.createdAt(name, current) : undefined;
        const facts = factsOf(secret, config, live);
        const { ageDays, limitDays, due, daysToExpiry } = judged(facts, evaluation, createdAt);
        const maxAgeDays = limitDays ?? effectiveMaxAgeDays(secret, environment);
        // A short limit leaves room for little.
        const span = Math.min(config.schedule?.jitter ?? 0, (maxAgeDays * 86_400) / 4);
        const limit = due && { at: due.at, jitterSeconds: base.rotatable ? jitterSeconds(name, span) : 0 };
        const phase =
          live && base.rotatable ? phaseStatus(live.tags, schedule.now, rotateCommand(secret.name, stack)) : undefined;
        const byAws = follows && live ? await awsRotationOf(name, live, { secretsManager, clock }) : undefined;
        const judgedState = live ? stateOf(live, { ...base, follows }, limit, schedule) : "not-provisioned";
        const state = judgedState === "ok" && phase?.isReady ? "due" : judgedState;
        const byAge = base.rotatable || state === "unverified" ? nextOf(state, limit, schedule) : undefined;
        const next = earlier(byAge, phase && nextPhaseRun(phase, schedule));
        const first = live && due && { due: { policy: due.policy, at: due.at.toISOString() } };
        const expiry = daysToExpiry === undefined ? {} : { daysToExpiry };
        const rotatedAt = live?.tags[tags.rotatedAt];
        return {
          ...base,
          state,
          versionId: current,
          rotatedAt,
          ageDays,
          maxAgeDays,
          next,
          ...first,
          ...expiry,
          ...(phase && { phase }),
          ...(byAws && { byAws }),
          ...(secret.strategy === "manual" && { runbook: runbookOf(facts) }),
        };
      } catch (cause) {
        const { message, hint } = failureOf(cause, { secret: secret.name, step: "check" });
        const nothing = { versionId: undefined, rotatedAt: undefined, ageDays: undefined, next: undefined };
        return {
          ...base,
          ...nothing,
          state: "unknown",
          maxAgeDays: effectiveMaxAgeDays(secret, environment),
          error: { message, hint },
        };
      }
    }),
  );
}

/** What the pack will see in the stack: the tags as they are declared, and the dates of those that are live. */
function factsOf(
  secret: SecretDeclaration,
  { environment, rotators }: StackConfig,
  live: SecretDescription | undefined,
): SecretFacts {
  const runbook = rotators.get(secret.kind)?.runbook?.(secret);
  const declared = {
    [tags.managedBy]: projectName,
    [tags.environment]: environment,
    [tags.kind]: secret.kind,
    [tags.strategy]: secret.strategy,
    [tags.maxAgeDays]: String(effectiveMaxAgeDays(secret, environment)),
    ...(runbook !== undefined && { [tags.runbook]: runbook }),
  };
  return {
    name: fullName(environment, secret.name),
    tags: { ...live?.tags, ...declared },
    ...(live?.createdAt && { createdAt: live.createdAt }),
  };
}

/** When a policy is violated, and how much earlier a secret is to be rotated. */
interface Limit {
  readonly at: Date;
  readonly jitterSeconds: number;
}

/** @param limit  undefined: nothing says when a policy is violated */
function stateOf(
  live: SecretDescription,
  { rotatable, follows }: { readonly rotatable: boolean; readonly follows: boolean },
  limit: Limit | undefined,
  schedule: Schedule,
): Exclude<State, "unknown" | "not-provisioned"> {
  if (live.deletedAt) return "deleted";
  // A version that a rotation wrote keeps AWSPENDING; one that was put by hand never had it.
  const pending = versionWith("AWSPENDING", live);
  if (rotatable && pending !== undefined && isInterrupted(pending, live)) return "interrupted";
  if (rotatable && live.tags[tags.rotatedAt] === undefined) return "never-rotated";
  const current = versionWith("AWSCURRENT", live);
  if (follows && current !== undefined && live.tags[tags.rotatedVersion] !== current) return "unverified";
  if (limit === undefined) return "ok";
  const { now, dueWithinSeconds } = schedule;
  if (limit.at <= now) return "stale";
  const soon = rotatable ? isDueBy(causeOf(limit), schedule) : limit.at <= later(now, dueWithinSeconds);
  return soon ? "due" : "ok";
}

function nextOf(state: State, limit: Limit | undefined, schedule: Schedule): NextRotation | undefined {
  if (state === "interrupted" || state === "never-rotated" || state === "unverified") {
    const text = state === "unverified" ? "AWS has rotated it" : state.replace("-", " ");
    return nextRotation({ text, limit: undefined, jitterSeconds: 0 }, schedule);
  }
  const isDated = state === "ok" || state === "due" || state === "stale";
  return limit && isDated ? nextRotation(causeOf(limit), schedule) : undefined;
}

function causeOf({ at, jitterSeconds }: Limit): Cause {
  return { text: `stale from ${at.toISOString().slice(0, 10)}`, limit: at, jitterSeconds };
}

/**
 * Whether `rotate --due` takes it. What cannot be rotated is taken too: the run says why, and fails. So does one that AWS was to
 * rotate, and has not.
 */
export function isDue({ state, rotatable, byAws }: SecretStatus): boolean {
  if (byAws) return state === "unverified" || byAws.problem?.what === "failed";
  return rotatable && state !== "ok" && state !== "not-provisioned";
}
