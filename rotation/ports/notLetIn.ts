/** Why there is no session. The text and the code are the server's, or the network's. */
export class NotLetIn extends Error {
  /** SQLSTATE, or Node's code of a system error. */
  readonly code: string | undefined;
  /**
   * What is known of the password. A server checks it before it looks at the role's LOGIN and CONNECTION LIMIT, and at the
   * database: what it says afterwards is no word on the credential. What it says before (too many clients, starting up,
   * pg_hba.conf) is neither.
   *
   * @see https://github.com/postgres/postgres/blob/master/src/backend/utils/init/postinit.c: InitPostgres
   */
  readonly password: "refused" | "accepted" | "not asked";
  /**
   * Whether a pooler says it: PostgreSQL names the routine of its source that an error comes from, poolers name none. Or one
   * has let in, and keeps the first statement waiting for the server.
   */
  readonly isOfPooler: boolean;

  /** @param isIntroduced  whether the login was over, and the first statement failed */
  constructor(cause: Failure, isAuthenticated: boolean, isIntroduced = false) {
    super(cause.message, { cause });
    this.code = cause.code;
    const isHeldUp = isIntroduced && /timeout/i.test(cause.message);
    this.isOfPooler = isHeldUp || (cause.severity !== undefined && cause.routine === undefined);
    this.password = isAuthenticated ? "accepted" : isRefusal(cause) ? "refused" : "not asked";
  }
}

export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly severity?: string;
  readonly routine?: string;
}

/**
 * Of an error before the server has said that the password is right: invalid_password, or
 * invalid_authorization_specification. The latter also says that pg_hba.conf lets nobody in from here, whatever the
 * password: that is no proof of anything about the credential.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 * @see https://github.com/postgres/postgres/blob/master/src/backend/libpq/auth.c: ClientAuthentication
 */
function isRefusal({ code, routine, message }: Failure): boolean {
  if (code === "08P01" && routine === undefined) return ofPooler.test(message);
  return code === "28P01" || (code === "28000" && routine !== "ClientAuthentication");
}

/**
 * PgBouncer says it with protocol_violation.
 *
 * @see https://github.com/pgbouncer/pgbouncer/blob/pgbouncer_1_18_0/src/client.c
 */
const ofPooler = /^(SASL authentication failed|no such user|password authentication failed|auth failed)/i;
