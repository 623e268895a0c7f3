import type { Credential } from "../rotators/own/steps";
import type { Verdict } from "./verdict";

/** What the process with the rotator is told to do. Nothing of it is in its command line or environment. */
export type Order = {
  /** The module. */
  readonly file: string;
  /** The block under the kind's name; undefined: none was given. */
  readonly parameters: unknown;
  readonly strategy: string | undefined;
} & (
  | { readonly what: "describe" }
  /** Judges the clauses that need no other process, one after the other. */
  | { readonly what: "judge" }
  /** Goes on where a killed one stopped, looks what has become of it, then rotates again and is killed at that point. */
  | {
      readonly what: "resume";
      /** Of the whole order; 1 is the first one. */
      readonly dieAt: number;
      readonly emergency: boolean;
      /** Nothing was begun before. */
      readonly isFirst: boolean;
      /** What was made since the last look. */
      readonly made: readonly Credential[];
    }
  /** Runs each step without a network. */
  | { readonly what: "fail" }
  /** Takes out of use what is left. */
  | { readonly what: "clean" }
);

/** What is known of a rotator once it is loaded. */
export interface Described {
  readonly kind: string;
  readonly strategy: string;
  /** Full name of its secret. */
  readonly secret: string;
  /** Names of the secrets that its steps read. */
  readonly reads: readonly string[];
  /** Of the parameters, each with its path. */
  readonly problems: readonly string[];
}

/** What the process with the rotator tells. */
export type Told =
  | { readonly described: Described }
  /** Whether such a rotator takes older credentials out of use in an emergency alone. */
  | { readonly retiresInEmergencies: boolean }
  | { readonly verdict: Verdict }
  /** It is at a point at which it may be killed. */
  | { readonly point: string }
  /** An issuer, or the rotator, made it. */
  | { readonly made: Credential }
  /** Command line and environment of a process that the rotator's starts. */
  | { readonly started: readonly string[] }
  /** An event, or an error's text. */
  | { readonly said: string }
  /** The order is done; with a text: it failed. */
  | { readonly ended: string | undefined }
  /** A call of the store. */
  | { readonly call: number; readonly method: string; readonly args: readonly unknown[] };

/** The store's answer. */
export interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}
