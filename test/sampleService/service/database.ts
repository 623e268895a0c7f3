import { Client, type ClientConfig, Pool } from "pg";
import { errorCode } from "./errorCode";
import type { DatabaseCredentials, DatabaseName } from "./secretSource";

/**
 * A pool whose connections each log in with the credentials of their moment, username included: alternating users
 * change it. Sessions that are open survive a rotation; maxLifetimeSeconds bounds how long the old credentials are used.
 *
 * @throws {Error} when there are no credentials at the start.
 */
export function openPool(
  name: DatabaseName,
  credentials: (name: DatabaseName) => DatabaseCredentials,
  maxLifetimeSeconds: number,
): Pool {
  class FreshClient extends Client {
    constructor(options?: ClientConfig) {
      super({ ...options, ...ofThisMoment(() => credentials(name)) });
    }
  }
  const pool = new Pool({
    ...credentials(name),
    Client: FreshClient,
    maxLifetimeSeconds,
    max: 4,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
    application_name: "sample-service",
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on("error", (error) => console.error(`${name}: idle connection lost: ${errorCode(error)}`));
  return pool;
}

/** The pool makes clients outside of any caller, so what fails here must fail the login and not the process. */
function ofThisMoment(credentials: () => DatabaseCredentials): ClientConfig {
  try {
    return credentials();
  } catch (error) {
    return { password: () => Promise.reject(error as Error) };
  }
}
