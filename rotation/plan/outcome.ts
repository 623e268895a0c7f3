import { type ErrorCode, RotationError } from "../errors";
import type { Findings } from "../findings";

/** What one check of what surrounds a secret has come to. */
export type Outcome =
  | { readonly fact: string }
  /** It could not be found out, and is not claimed. */
  | { readonly unknown: string }
  | { readonly warn: string }
  | Refusal;

/** Why a rotation would fail after it has changed something. */
export interface Refusal {
  readonly refuse: string;
  readonly code: ErrorCode;
  /** What to do. */
  readonly hint: string;
  readonly retryable?: boolean;
  /** Whether it says no more than that a permission is missing. */
  readonly forbidden?: true;
  /** A rotation to this version needs no more what is refused: it has got past it. */
  readonly unlessVersion?: string | undefined;
}

/** Notes what is not refused, and yields what is. */
export function note(outcomes: readonly Outcome[], findings: Findings): Refusal[] {
  return outcomes.flatMap((outcome) => {
    if ("refuse" in outcome) return [outcome];
    if ("fact" in outcome) findings.fact(outcome.fact);
    else if ("unknown" in outcome) findings.unknown(outcome.unknown);
    else findings.warn(outcome.warn);
    return [];
  });
}

/** All of them as one error of this secret; the first one's code counts. */
export function refusalOf(secret: string, [first, ...more]: readonly [Refusal, ...Refusal[]]): RotationError {
  const all = [first, ...more];
  return new RotationError(
    first.code,
    { secret, step: "check" },
    distinct(all.map(({ refuse }) => refuse)).join("; "),
    {
      hint: distinct(all.map(({ hint }) => hint)).join("\n  "),
      retryable: all.every(({ retryable }) => retryable === true),
    },
  );
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
