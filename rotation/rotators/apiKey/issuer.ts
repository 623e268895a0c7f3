import type { AskContext } from "../own/stepsBy";

/** A key as its issuer lists it. */
export interface ListedKey {
  readonly id: string;
  /** What whoever made it has called it; undefined: this issuer's keys have no names. */
  readonly name?: string | undefined;
  /** Where the issuer shows it again. */
  readonly key?: string | undefined;
  /** Undefined: never, or the list does not say. */
  readonly lastUsed?: Date | undefined;
}

/**
 * Whoever makes keys, and takes them back. What cannot be done, or told, is thrown as a `RotatorError`, whose text names
 * no value.
 */
export interface Issuer {
  /** For messages, e.g. `api.acme.example`. */
  readonly name: string;
  /** Whether what is called otherwise is somebody else's. If not, every key that is listed belongs to the secret. */
  readonly hasNames: boolean;
  create(at: AskContext, name: string): Promise<{ readonly id: string; readonly key: string }>;
  list(at: AskContext): Promise<readonly ListedKey[]>;
  /** One that is gone already is no error. */
  delete(at: AskContext, id: string): Promise<void>;
  verify(at: AskContext, key: { readonly id: string; readonly key: string }): Promise<"accepted" | "refused">;
  /** Undefined: it was never used, or the issuer does not say. */
  lastUsed(at: AskContext, id: string): Promise<Date | undefined>;
  /** Refuses what can be known to fail. */
  check(at: AskContext): Promise<void>;
}
