import type { RunResult } from "./result";

/** The stable form of a run's result for other programs; schemaVersion changes when a property changes its meaning. */
export function resultJson(result: RunResult, rollback?: RunResult): object {
  return { schemaVersion: 1, ...jsonOf(result), ...(rollback && { rollback: jsonOf(rollback) }) };
}

function jsonOf(result: RunResult): object {
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
