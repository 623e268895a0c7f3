import { join } from "node:path";
import { readMountedSecret } from "./mountedSecret";
import { required } from "./settings";

export type DatabaseName = "orders" | "reports";

/** What pg needs to connect; the names are those of its configuration. */
export interface DatabaseCredentials {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface JwtKeys {
  readonly current: string;
  /** The key before the current one; empty until the first rotation. */
  readonly previous: string;
}

/** Where the service has its secrets from. Ask at each use, keep no copy: the answer may differ the next time. */
export interface SecretSource {
  database(name: DatabaseName): DatabaseCredentials;
  sessionKey(): string;
  jwtKeys(): JwtKeys;
}

/** Mounted files where SECRETS_DIR is set, else the environment. */
export function secretSource(env: NodeJS.ProcessEnv): SecretSource {
  return env.SECRETS_DIR === undefined
    ? environmentSecrets(env)
    : fileSecrets(join(env.POD_ROOT ?? "/", env.SECRETS_DIR));
}

/** One directory per Kubernetes Secret. The kubelet refreshes them, so a rotation needs no restart. */
function fileSecrets(directory: string): SecretSource {
  return {
    database(name) {
      const secret = join(directory, `${name}-db`);
      const { host, port, dbname, username, password } = readMountedSecret(secret, databaseKeys);
      return { host, port: Number(port), database: dbname, user: username, password };
    },
    sessionKey: () => readMountedSecret(join(directory, "session-key"), ["SESSION_KEY"]).SESSION_KEY,
    jwtKeys: () => readMountedSecret(join(directory, "jwt-signing"), ["current", "previous"]),
  };
}

const databaseKeys = ["host", "port", "dbname", "username", "password"] as const;

/** A process's environment never changes: a rotation reaches it by a restart only. */
function environmentSecrets(env: NodeJS.ProcessEnv): SecretSource {
  return {
    database(name) {
      const prefix = name.toUpperCase();
      return {
        host: required(env, `${prefix}_HOST`),
        port: Number(required(env, `${prefix}_PORT`)),
        database: required(env, `${prefix}_DBNAME`),
        user: required(env, `${prefix}_USERNAME`),
        password: required(env, `${prefix}_PASSWORD`),
      };
    },
    sessionKey: () => required(env, "SESSION_KEY"),
    jwtKeys: () => ({ current: required(env, "JWT_CURRENT"), previous: required(env, "JWT_PREVIOUS") }),
  };
}
