import { describeError, RotationError } from "../../errors";
import { type Login, NotLetIn, type Postgres } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { databaseOf } from "./parameters";

/** What is to be done about what a server or the network says. */
interface Advice {
  /** Whether the same may succeed later with nothing else changed. */
  readonly retryable: boolean;
  readonly hint: string;
}

type Target = Pick<Login, "username" | "dbname" | "host" | "port">;
const again = "then run the same command again";

/**
 * By SQLSTATE, of a login.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const ofLogins: Readonly<Record<string, (to: Target, isAuthenticated: boolean) => Advice>> = {
  "53300": ({ username, dbname }, isAuthenticated) => {
    const [role, database] = [escapeIdentifier(username), escapeIdentifier(dbname)];
    const limits = `ALTER ROLE ${role} CONNECTION LIMIT, ALTER DATABASE ${database} CONNECTION LIMIT, or max_connections`;
    const limit = isAuthenticated ? limits : "max_connections";
    return { retryable: true, hint: `wait until sessions have ended, or raise the limit (${limit}), ${again}` };
  },
  "57P03": () => ({ retryable: true, hint: `wait until the server has started, ${again}` }),
  "3D000": ({ dbname }) => {
    const hint = `create the database ${dbname}, or correct database.dbname in the stack's configuration`;
    return { retryable: false, hint };
  },
  "42501": ({ username, dbname }) => {
    const hint = `GRANT CONNECT ON DATABASE ${escapeIdentifier(dbname)} TO ${escapeIdentifier(username)}, ${again}`;
    return { retryable: false, hint };
  },
  "55000": ({ dbname }) => {
    const hint = `ALTER DATABASE ${escapeIdentifier(dbname)} ALLOW_CONNECTIONS true, ${again}`;
    return { retryable: false, hint };
  },
  "28000": ({ username }, isAuthenticated) => {
    const hint = isAuthenticated
      ? `ALTER ROLE ${escapeIdentifier(username)} LOGIN, ${again}`
      : `let ${username} log in from here (pg_hba.conf), ${again}`;
    return { retryable: false, hint };
  },
};

const ofTls = /SSL|certificate|CERT|TLS|altnames/i;

function adviceOf(error: unknown, context: StrategyContext, to: Target | undefined): Advice {
  const { code = "", message } = error as { code?: string; message: string };
  const known = error instanceof NotLetIn && to ? ofLogins[code] : undefined;
  if (known && to) return known(to, (error as NotLetIn).password === "accepted");
  if (error instanceof NotLetIn && ofTls.test(`${code} ${message}`)) {
    return { retryable: false, hint: "correct database.tls and database.tlsCaFile, or the server's certificate" };
  }
  // A session's statement that the server understood and may not, or cannot, do.
  if (!(error instanceof NotLetIn) && /^42/.test(code)) {
    return {
      retryable: false,
      hint: `see what the superuser's secret may do in ${databaseOf(context).dbname}, ${again}`,
    };
  }
  const server = to ? `${to.host}:${to.port}` : "the database of the superuser's secret";
  if (code === "08P01" || (error instanceof NotLetIn && error.isOfPooler && !known)) {
    const admin = databaseOf(context).admin
      ? "see"
      : "declare database.admin, where the superuser's secret logs in; see";
    const hint = `${server} is a pooler or proxy: look into its log for what the server tells it; ${admin} rotation/README.md`;
    return { retryable: true, hint };
  }
  return { retryable: true, hint: `see whether ${server} is up and lets the driver in, ${again}` };
}

/**
 * Work at the database; what fails is a failure of this step, with what to do about it.
 *
 * @param to  as whom it logs in, and where to
 * @throws {DATABASE_FAILED}
 */
export async function guarded<T>(
  context: StrategyContext,
  step: Step,
  to: Target | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RotationError) throw cause;
    throw failure(context, step, "DATABASE_FAILED", describeError(cause), { ...adviceOf(cause, context, to), cause });
  }
}

/** What a pooler is to be told, which has another list of passwords than the server. */
export function poolersList({ host, port, username }: Pick<Login, "host" | "port" | "username">): string {
  return (
    `${host}:${port} is a pooler or proxy that has passwords of its own: let PgBouncer ask the server (auth_query in place ` +
    `of auth_file), or let ${username} into what an RDS Proxy reads; then run the same command again (rotation/README.md)`
  );
}

export async function refusedByPooler(postgres: Postgres, login: Login): Promise<boolean> {
  const error = await postgres.as(login, async () => undefined).catch((error) => error);
  return error instanceof NotLetIn && error.isOfPooler;
}

/** Whether a database may do what it has just failed to do a moment later: it restarts, is full, or was not reached. */
export function mayPass(error: unknown): boolean {
  const cause = error instanceof RotationError ? error.cause : error;
  if (!(cause instanceof Error) || cause instanceof RotationError) return false;
  const { code } = cause as { code?: unknown };
  if (typeof code !== "string") return /terminated|timeout|closed|not queryable/i.test(cause.message);
  return /^(08...|53300|57P0[1-5]|E[A-Z_]{5,})$/.test(code);
}
