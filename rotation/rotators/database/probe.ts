import { describeError } from "../../errors";
import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { databaseOf } from "./parameters";
import { begin } from "./statements";

/** @returns whether what the server says is about the statement, and not about the connection */
function isAnswer(cause: unknown): boolean {
  const { code = "" } = cause as { code?: string };
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57P)/.test(code);
}

export function probeFailed(context: StrategyContext, step: Step, as: string, cause: unknown) {
  const message = `the probe fails as ${as}: ${describeError(cause)}`;
  const hint = "grant the role what database.probeSql needs, or correct the probe";
  return failure(context, step, "PROBE_FAILED", message, { hint, cause });
}

/**
 * Runs the secret's own probe before anything is changed, as a role that logs in by now, in a transaction that is rolled
 * back: what a probe writes is not there afterwards. One that runs in no transaction (VACUUM) is left to the step `test`.
 *
 * @param group  what the new credential will act as, where this role may too
 * @returns the work to do with the session
 * @throws {PROBE_FAILED}
 */
export function triedProbe(context: StrategyContext, username: string, group: string | undefined) {
  const as = group === undefined ? username : `${username}, acting as ${group}`;
  return async (session: Session): Promise<void> => {
    await session.query(`${begin}${group === undefined ? "" : `; SET LOCAL ROLE ${escapeIdentifier(group)}`}`);
    try {
      await session.query(databaseOf(context).probeSql);
      context.findings.fact(`the probe passes as ${as}`);
    } catch (cause) {
      if ((cause as { code?: string }).code !== noTransaction) {
        throw isAnswer(cause) ? probeFailed(context, "check", as, cause) : cause;
      }
      context.findings.warn(
        "database.probeSql runs in no transaction, so that it is first tried as the new credential",
      );
    }
    await session.query("ROLLBACK");
  };
}

/** active_sql_transaction */
const noTransaction = "25001";
