import type { z } from "zod";
import { refusal } from "./refusedKeys";

/** A mistake in the stack's configuration: where (`secrets[2].consumers[0].name`), and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** @param at  path of what was parsed */
export function problemsOf(error: z.ZodError, at: string): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.reduce<string>(
      (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
      at,
    );
    if (issue.code !== "unrecognized_keys") return [{ path: path || "configuration", message: issue.message }];
    return issue.keys.map((key) => ({
      path: path ? `${path}.${key}` : key,
      message: refusal(path, key),
    }));
  });
}
