import type { Step } from "./steps";

export type ErrorCode =
  | "NOT_PROVISIONED"
  | "SCHEDULED_FOR_DELETION"
  | "CONSUMER_MISSING"
  | "CONSUMER_HELD_BACK"
  | "STRATEGY_UNAVAILABLE"
  | "SECRET_MALFORMED"
  | "AWS_FAILED"
  | "AWS_ROTATION_FAILED"
  | "KUBERNETES_FAILED"
  | "DATABASE_FAILED"
  | "DATABASE_MISMATCH"
  | "ROLE_IN_USE"
  | "ROLE_UNUSABLE"
  | "ROLE_CLAIMED"
  | "ADOPTION_NOT_ASKED"
  | "GRACE_PERIOD"
  | "CREDENTIAL_REFUSED"
  | "PROBE_FAILED"
  | "LABEL_CONFLICT"
  | "VALUE_UNCHANGED"
  | "RETIRED"
  | "NOT_RETIRED"
  | "NOTHING_TO_ROLL_BACK"
  | "NOT_SYNCED"
  | "CONSUMER_UNDECLARED"
  | "ROLLOUT_FAILED"
  | "UPDATE_FAILED"
  | "SUPERSEDED"
  | "ROTATOR_FAILED";

/** Why the rotation of one secret failed. Says what happened, to which secret, at which step, what to do; never a value. */
export class RotationError extends Error {
  readonly code: ErrorCode;
  readonly secret: string;
  readonly step: Step;
  /** Whether the same command may succeed later with nothing else changed. */
  readonly retryable: boolean;
  /** What its reader can do about it. */
  readonly hint: string | undefined;
  /** The message without the secret and the step before it. */
  readonly text: string;

  constructor(
    code: ErrorCode,
    at: { secret: string; step: Step },
    message: string,
    more: { retryable?: boolean; hint?: string; cause?: unknown } = {},
  ) {
    super(`${at.secret}: ${at.step}: ${message}`, more.cause === undefined ? {} : { cause: more.cause });
    this.name = "RotationError";
    this.code = code;
    this.secret = at.secret;
    this.step = at.step;
    this.retryable = more.retryable ?? false;
    this.hint = more.hint;
    this.text = message;
  }

  /** The same failure with what else is known of it, and, where that asks for something else, another hint. */
  also(text: string, hint = this.hint): RotationError {
    const { retryable, cause } = this;
    return new RotationError(this.code, this, `${this.text}; ${text}`, {
      retryable,
      ...(cause !== undefined && { cause }),
      ...(hint !== undefined && { hint }),
    });
  }
}

/** The command is wrong, before anything was touched: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The audit trail cannot be written, before anything was touched, or cannot be read: exit code 1. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}

/** A backup cannot be written, or not be used; nothing was touched: exit code 1. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** Another update holds the stack: exit code 4. */
export class StackLockedError extends Error {
  override readonly name = "StackLockedError";
}

export const exitCodes = Object.freeze({ done: 0, failed: 1, usage: 2, policy: 3, locked: 4, interrupted: 130 });

/**
 * The text of an unknown error, for a message: its name (an AWS or Postgres code) and what it says. A parser's says what
 * it could not parse, which may be a value.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "SyntaxError") return "SyntaxError: something that was read is not in its form";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return code === "Error" || error.message.startsWith(code) ? error.message : `${code}: ${error.message}`;
}

/** For people: what is wrong, and beneath it what to do about that, where it is known. */
export function withHint(text: string, hint: string | undefined): string {
  return hint === undefined ? text : `${text}\n  ${hint}`;
}
