import type { Violation } from "./secret";
import { daysBetween, parseInstant } from "./utcDays";

/** Why a rule does not hold, and the last UTC day on which it does not, e.g. `2026-03-01`. */
export interface Waiver {
  readonly reason: string;
  readonly until: string;
}

/** One secret (or other resource) that a policy lets pass for a while. */
export interface Exception extends Waiver {
  readonly secret?: string;
  readonly resource?: string;
}

/** What every policy's configuration may hold. */
export interface WaiverConfig {
  readonly exceptions?: readonly Exception[];
  /** Turns the whole policy off for a while. */
  readonly disabled?: Waiver;
  /** Lets its level be lower than by default for a while. */
  readonly lowered?: Waiver;
}

/** Whether one of these names has an exception that is still in force. */
export function isExcepted(names: readonly string[], config: WaiverConfig, now: Date): boolean {
  return (config.exceptions ?? []).some((e) => names.includes(subjectOf(e)) && stateOf(e, now) === "in force");
}

export function isDisabled(config: WaiverConfig, now: Date): boolean {
  return config.disabled !== undefined && stateOf(config.disabled, now) === "in force";
}

/**
 * What is to be said of the waivers of a policy, once a run: those in force as advice, so that nobody forgets them;
 * those that have ended, or say no reason or no date, as violations.
 */
export function checkWaivers(policy: string, config: WaiverConfig, now: Date): Violation[] {
  const disabled = config.disabled
    ? [describeWaiver(`${policy} is disabled`, `policy ${policy}`, config.disabled, now)]
    : [];
  const exceptions = config.exceptions ?? [];
  return [
    ...disabled,
    ...exceptions.map((e) =>
      describeWaiver(`${subjectOf(e)} is excepted from ${policy}`, `${subjectOf(e)} in ${policy}`, e, now),
    ),
  ];
}

/** A waiver of a configuration, and how it stands. */
export interface StandingWaiver extends Waiver {
  readonly policy: string;
  /** `exception`: for one secret or resource; `disabled`, `lowered`: for all that the policy judges. */
  readonly kind: "exception" | "disabled" | "lowered";
  /** Of an exception: the secret, or the resource. */
  readonly subject: string | undefined;
  readonly state: "in force" | "ended" | "incomplete";
}

/** Every waiver of one policy's configuration. */
export function waiversOf(policy: string, config: WaiverConfig, now: Date): StandingWaiver[] {
  const standing = (kind: StandingWaiver["kind"], waiver: Waiver, subject?: string): StandingWaiver => {
    const { reason, until } = waiver;
    return { policy, kind, subject, reason, until, state: stateOf(waiver, now) };
  };
  return [
    ...(config.disabled ? [standing("disabled", config.disabled)] : []),
    ...(config.lowered ? [standing("lowered", config.lowered)] : []),
    ...(config.exceptions ?? []).map((exception) => standing("exception", exception, subjectOf(exception))),
  ];
}

export function describeWaiver(statement: string, where: string, waiver: Waiver, now: Date): Violation {
  switch (stateOf(waiver, now)) {
    case "in force":
      return { message: `${statement} until ${waiver.until}: ${waiver.reason}`, level: "advisory" };
    case "ended":
      return {
        message: `${statement} no longer: it ended on ${waiver.until} (${waiver.reason}). Cure what it covered, then remove it`,
      };
    case "incomplete":
      return { message: `${where}: it needs a reason, and as its end a date such as 2026-03-01, to be in force` };
  }
}

function stateOf({ reason, until }: Waiver, now: Date): "in force" | "ended" | "incomplete" {
  const end = /^\d{4}-\d{2}-\d{2}$/.test(until ?? "") ? parseInstant(until) : undefined;
  if (end === undefined || !reason?.trim()) return "incomplete";
  return daysBetween(now, end) >= 0 ? "in force" : "ended";
}

function subjectOf(exception: Exception): string {
  return exception.secret ?? exception.resource ?? "";
}
