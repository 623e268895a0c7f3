import type { Violation } from "./secret";

/**
 * The environment variable by which the driver tells the pack, beside the pack's configuration, which run it is: a random
 * text, another one in each run. A file of configuration cannot name it beforehand.
 */
export const runVariable = "SECRET_ROTATION_RUN";

export interface RotatingConfig {
  /** The driver's alone: the secrets that this very run rotates. */
  readonly rotatingNow?: { readonly run: string; readonly names: readonly string[] };
}

/**
 * The cure is never blocked by the disease: the age of what a run rotates counts as cured, and the age of every
 * other secret is advice while it runs. A run that rotates nothing is judged as it is.
 *
 * @param run  what the environment says of the run
 */
export function whileRotating(
  violations: Violation[],
  names: readonly string[],
  config: RotatingConfig,
  run: string | undefined,
): Violation[] {
  const rotating = isDrivers(config, run) ? (config.rotatingNow?.names ?? []) : [];
  if (rotating.length === 0) return violations;
  if (names.some((name) => rotating.includes(name))) return [];
  return violations.map(({ message }) => ({ message, level: "advisory" }));
}

/** What is to be said where something else than the driver says `rotatingNow`: it counts for nothing then. */
export function checkRotatingNow(policy: string, config: RotatingConfig, run: string | undefined): Violation[] {
  if (config.rotatingNow === undefined || isDrivers(config, run)) return [];
  return [{ message: `rotatingNow of ${policy} is for the driver alone, and waives nothing: ${useExceptions}` }];
}

export const useExceptions = "remove it, and name what has to pass in exceptions";

function isDrivers({ rotatingNow }: RotatingConfig, run: string | undefined): boolean {
  return run !== undefined && run !== "" && rotatingNow?.run === run;
}
