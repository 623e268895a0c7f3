import assert from "node:assert/strict";
import { ConfigurationError } from "../../../infra/config/stackConfig";

/** What is wrong with a configuration, as `path: message`; empty: nothing. */
export function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}
