import { describeError } from "../../errors";
import type { Session } from "../../ports/postgres";
import type { Statement } from "./likeTheOther";

/**
 * Statements of one transaction, in one round trip. Their text comes by a setting of the transaction, so that the server's
 * log does not have it where one fails: a setting of a role may be confidential.
 */

const each = "SELECT jsonb_array_elements_text(current_setting('secret_rotation.statements')::jsonb)";

const runEach = `DO $$ DECLARE s text; BEGIN
  FOR s IN ${each} LOOP EXECUTE s; END LOOP;
EXCEPTION WHEN query_canceled OR others THEN
  RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
END $$`;

/** What one refuses does not hold the next one up. */
const tryEach = `DO $$ DECLARE s text; codes text[] := '{}'; BEGIN
  FOR s IN ${each} LOOP
    BEGIN EXECUTE s; codes := codes || ''::text;
    EXCEPTION WHEN others THEN codes := codes || SQLSTATE::text; END;
  END LOOP;
  PERFORM set_config('secret_rotation.codes', array_to_json(codes)::text, true);
END $$`;

/** A transaction whose statements end in time, also through a pooler, where the session has no such limit. */
export const begin = "BEGIN; SET LOCAL statement_timeout = '60s'";

async function give(session: Session, statements: readonly string[]): Promise<void> {
  await session.query("SELECT set_config('secret_rotation.statements', $1, true)", [JSON.stringify(statements)]);
}

/** Within a transaction. */
export async function run(session: Session, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  await give(session, statements);
  await session.query(runEach);
}

export interface Refused {
  readonly statement: Statement;
  /** SQLSTATE. */
  readonly code: string;
}

/**
 * Tries them in a transaction that is rolled back, so that what the server would refuse is known before anything is
 * changed, with its own rules: they differ by version and provider.
 *
 * @returns those that are refused
 * @throws  when somebody else is altering the roles
 */
export async function rehearse(session: Session, statements: readonly Statement[]): Promise<Refused[]> {
  if (statements.length === 0) return [];
  await session.query(`${begin}; SET LOCAL lock_timeout = '5s'`);
  try {
    await give(
      session,
      statements.map(({ sql }) => sql),
    );
    await session.query(tryEach);
    const [row] = await session.query<{ codes: string }>("SELECT current_setting('secret_rotation.codes') AS codes");
    const codes = JSON.parse(row?.codes ?? "[]") as string[];
    if (codes.some((code) => passing.has(code))) throw new Error("somebody else is altering the roles");
    return statements.flatMap((statement, i) => (codes[i] ? [{ statement, code: codes[i] }] : []));
  } finally {
    await session.query("ROLLBACK").catch(describeError);
  }
}

/** lock_not_available, and what the server calls a tuple that was updated meanwhile. */
const passing = new Set(["55P03", "XX000", "40P01"]);
