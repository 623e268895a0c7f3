/** The properties of a credential, all of them texts, e.g. `{id, key}`. They are stored as a JSON object. */
export type Credential = Readonly<Record<string, string>>;

/** What a target or an issuer says of a credential. What cannot be found out is thrown. */
export type Verdict = "accepted" | "refused";

/** What each step is handed. */
export interface StepContext<Parameters = unknown> {
  /** The secret's name as the stack declares it. */
  readonly secret: string;
  readonly environment: string;
  /** The block under the kind's name, as the rotator's schema reads it. */
  readonly parameters: Parameters;
  /** Whether whatever was valid before is taken for compromised. */
  readonly emergency: boolean;
  /** Aborted when the step's time is over: hand it to `fetch`. */
  readonly signal: AbortSignal;
  readonly now: Date;
  /** A text of that many letters and digits, each equally likely. */
  random(length: number): string;
  /**
   * The current value of another secret, e.g. the issuer's own credential.
   *
   * @param name  full name or ARN; the rotator's `reads` has to name it, so that whoever rotates may read it
   */
  read(name: string): Promise<string>;
}

/**
 * How a kind of one's own gets a new credential. Each step is idempotent: a rotation that was killed runs it again.
 * Errors of class `RotatorError` are shown as they are; of others only the class and the code, as they might name a value.
 */
export interface RotatorSteps<Parameters = unknown> {
  /**
   * Refuses, before anything is written, what can be known to fail. Changes nothing.
   *
   * @param current  undefined: there is none yet
   */
  check?(context: StepContext<Parameters>, current: Credential | undefined): Promise<void>;
  /** The issuer makes a new credential. Either this, or `create`. */
  issue?(context: StepContext<Parameters>, current: Credential | undefined): Promise<Credential>;
  /** Makes a new credential, which `set` then gives to the target: it is stored before that. Asks and changes nothing outside. */
  create?(context: StepContext<Parameters>, current: Credential | undefined): Promise<Credential>;
  /** Has the target accept this credential; with `create`. */
  set?(context: StepContext<Parameters>, pending: Credential, current: Credential | undefined): Promise<void>;
  /** Whether this credential is accepted now. Throws when that cannot be told (no answer, 500), so that it is asked again. */
  test(context: StepContext<Parameters>, credential: Credential): Promise<Verdict>;
  /** Takes a credential out of use; one that is gone already is no error. Needed for `two-live`. */
  revoke?(context: StepContext<Parameters>, credential: Credential): Promise<void>;
  /**
   * What an interrupted `issue` has left: credentials of this secret that none of the known ones is. Each is revoked, so it
   * needs the properties that `revoke` looks at; one with all properties is taken in place of a new one.
   */
  find?(context: StepContext<Parameters>, known: readonly Credential[]): Promise<readonly Credential[]>;
  /** When the credential was used last; undefined: never. One that was used since the new one took over is revoked when `unusedFor` has passed. */
  lastUsed?(context: StepContext<Parameters>, credential: Credential): Promise<Date | undefined>;
}

/** An error whose message is shown to whoever rotates: it never names a value. */
export class RotatorError extends Error {
  override readonly name = "RotatorError";
}
