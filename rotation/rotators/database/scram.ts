import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { prepared } from "./saslPrep";

/** PostgreSQL's own default; a verifier says its count itself. */
const defaultIterations = 4096;

/**
 * The verifier that PostgreSQL stores for a password. Computed here, so that the password itself never travels in SQL,
 * where the server's log, pg_stat_activity and pg_stat_statements could keep it.
 *
 * @param salt  16 random bytes
 * @see https://www.rfc-editor.org/rfc/rfc5802#section-3
 * @see https://www.postgresql.org/docs/current/catalog-pg-authid.html
 */
export function scramVerifier(password: string, salt: Buffer, iterations = defaultIterations): string {
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`;
}
