/**
 * Development is what is called so. Every other environment counts as production: a name that nobody thought of
 * is held to the strict rules, not to the lax ones.
 */
export function isDevelopment(environment: string): boolean {
  return environment === "dev" || environment === "development";
}

export type Level = "advisory" | "mandatory";

/** The enforcement level of a policy that no configuration gives another one. */
export function defaultLevel(environment: string): Level {
  return isDevelopment(environment) ? "advisory" : "mandatory";
}
