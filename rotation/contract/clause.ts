import type { Site } from "./site";

/** One promise that a rotator has to keep. */
export interface Clause {
  /** In lists, and in the JSON. */
  readonly name: string;
  /** What holds where it passes, as a sentence without its end. */
  readonly proves: string;
  /** What its author does where it fails. */
  readonly remedy: string;
  /** Names of the clauses that have to pass before: without them it could not be judged, or would fail for their reason. */
  readonly needs: readonly string[];
  /** Why it cannot apply to such a rotator; undefined: it does. */
  notFor?(site: Site): string | undefined;
  /**
   * Looks whether it holds. Left out: it is judged by the process that started the rotator's.
   *
   * @throws {Broken} with what was seen; any other error fails the clause too
   */
  judge?(site: Site): Promise<void>;
}
