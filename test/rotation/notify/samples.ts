import { recordOf } from "../../../rotation/audit/record";
import { RotationError } from "../../../rotation/errors";
import type { Notice } from "../../../rotation/notify/notice";
import type { RunResult } from "../../../rotation/result";
import { runContext, runResult, secretResult } from "../audit/samples";

/** What a name, or another tool's message, may hold, and a page, a table or a sheet may take for something else. */
export const nasty = `<script>alert("x")</script>|'\`*_[a](http://b) &amp; =cmd()|' /C calc'!A0\nnext\u0007\u202E`;

export const failure = new RotationError("NOT_SYNCED", { secret: "shop/other", step: "sync" }, `waited: ${nasty}`, {
  hint: `look at the ExternalSecret, ${nasty}`,
});

export const failed = secretResult({
  secret: "shop/other",
  outcome: "failed",
  newVersionId: undefined,
  error: failure,
});

export function notice(run: Partial<RunResult> = {}, context: object = {}, error?: unknown): Notice {
  const result = runResult(run);
  const at = new Date("2026-01-01T00:00:12Z");
  return { record: recordOf({ ...runContext, environment: "prod", ...context }, result, { at, error }), run: result };
}
