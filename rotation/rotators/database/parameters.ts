import { z } from "zod";
import { duration } from "../../../infra/config/duration";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";

/** PostgreSQL takes any text; it reads `none` and `public` otherwise in statements, and keeps `pg_` for itself. */
const role = z
  .string()
  .refine(
    (name) =>
      Buffer.byteLength(name) <= 63 &&
      /^\S(.*\S)?$/u.test(name) &&
      !/\p{Cc}/u.test(name) &&
      !/^(pg_.*|none|public)$/.test(name),
    "must be a PostgreSQL role name: at most 63 bytes, no control characters, no blank at either end, not pg_…",
  );

const tls = z.enum(["verify-full", "require", "disable"]);

const at = { host: z.string().min(1), port: z.number().int().min(1).max(65535) };

/** The block `database` of a declaration. */
export const parameters = z.strictObject({
  engine: z.literal("postgres").default("postgres").describe("the server's"),
  host: at.host
    .optional()
    .describe(
      "where services connect; default: what the superuser's secret says. A value that the secret has must be for the same host, by whatever name",
    ),
  port: at.port.optional().describe("default: what the superuser's secret says, or 5432"),
  admin: z
    .strictObject({
      host: at.host,
      port: at.port.default(5432),
      tls: tls.optional().describe("default: as for services"),
      tlsCaFile: z.string().min(1).optional(),
    })
    .optional()
    .describe(
      "where the superuser's secret logs in, when services connect through a pooler (PgBouncer), a proxy (RDS Proxy) or at a reader: host, port, tls, tlsCaFile",
    ),
  dbname: z.string().min(1).max(63).describe("the database"),
  roles: z.array(role).min(1).max(2).describe("alternating-users: the two login roles; single-user: the one"),
  groupRole: role.optional().describe("alternating-users: the NOLOGIN role that owns what both use"),
  tls: tls.default("verify-full").describe("how services connect"),
  tlsCaFile: z
    .string()
    .min(1)
    .optional()
    .describe("file with the CA certificates that verify-full trusts; default: the system's"),
  superuserSecret: z
    .string()
    .min(1)
    .describe(
      "full name or ARN of the secret whose role may alter these roles, in AWS's JSON structure; one that RDS keeps for the master user has username and password alone",
    ),
  adopt: z
    .boolean()
    .default(false)
    .describe(
      "a role that exists, and that the secret holds no credential of, gets a new password only where this is true; its comment then says which secret it belongs to",
    ),
  probeSql: z
    .string()
    .min(1)
    .default("SELECT 1")
    .describe(
      "run as the new credential before it becomes current; the check runs it as the current one, in a transaction that is rolled back",
    ),
  gracePeriod: duration({ min: "0s", max: "30d" })
    .prefault("1h")
    .describe("alternating-users: how long the other role stays valid at least before it may be changed again"),
  drainTimeout: duration({ min: "0s", max: "1h" })
    .prefault("30s")
    .describe(
      "alternating-users: how long to wait for the last sessions of the other role to end, before it is refused",
    ),
});

export type DatabaseParameters = z.output<typeof parameters>;

/** @throws Error for a secret of another kind, or one that AWS rotates */
export function databaseOf({ secret }: { readonly secret: SecretDeclaration }): DatabaseParameters {
  if (secret.kind !== "database" || !secret.parameters) throw new Error(`${secret.name} has no database section`);
  return secret.parameters as DatabaseParameters;
}
