/** What was seen of a rotator does not fit a clause. It never quotes a value. */
export class Broken extends Error {
  override readonly name = "Broken";
}

export type Result = "passed" | "failed" | "not judged" | "does not apply";

/** What came of one clause. */
export interface Verdict {
  readonly clause: string;
  readonly result: Result;
  /** Of what did not pass: what was seen, or why nobody looked. */
  readonly why?: string | undefined;
}
