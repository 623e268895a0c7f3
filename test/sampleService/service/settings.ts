/** What the service is told besides its secrets. */
export interface Settings {
  readonly podIp: string;
  readonly port: number;
  /** A connection is replaced after this time, and so takes the credentials of that moment. */
  readonly poolMaxLifetimeSeconds: number;
  /** How long requests are still served after SIGTERM: the time until every client has heard that this pod goes. */
  readonly lameduckSeconds: number;
  /** How long a new signing key is only verified with, until every replica has it. */
  readonly keyActivationSeconds: number;
}

/** Takes the settings from the environment. @throws {Error} with the variable's name, when it is missing or no number. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    podIp: required(env, "POD_IP"),
    port: number("PORT", required(env, "PORT")),
    poolMaxLifetimeSeconds: number("POOL_MAX_LIFETIME_SECONDS", env.POOL_MAX_LIFETIME_SECONDS ?? "300"),
    lameduckSeconds: number("LAMEDUCK_SECONDS", env.LAMEDUCK_SECONDS ?? "5"),
    keyActivationSeconds: number("KEY_ACTIVATION_SECONDS", env.KEY_ACTIVATION_SECONDS ?? "300"),
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0))
    throw new Error(`The environment variable ${name} must be a number, not "${text}".`);
  return value;
}

/** @throws {Error} with the variable's name, when it is not set. */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined)
    throw new Error(`The environment variable ${name} is not set: set it in the pod's template.`);
  return value;
}
