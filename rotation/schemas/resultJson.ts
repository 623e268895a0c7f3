import type { RunResult } from "../result";
import type { Output } from "./outputs";

/** The stable form of a run's result for other programs; schemaVersion changes when a property changes its meaning. */
export function resultJson(result: RunResult, rollback?: RunResult): Output<"rotate"> {
  return { schemaVersion: 1, ...jsonOf(result), ...(rollback && { rollback: jsonOf(rollback) }) };
}

function jsonOf(result: RunResult): NonNullable<Output<"rotate">["rollback"]> {
  const secrets = result.secrets.map(({ error, ...secret }) => ({
    ...secret,
    ...(error && {
      error: {
        code: error.code,
        step: error.step,
        message: error.message,
        hint: error.hint,
        retryable: error.retryable,
      },
    }),
  }));
  return { ...result, secrets };
}
