import type { Clause } from "../clause";

/** What is judged by the process that starts the rotator's. */

const definition: Clause = {
  name: "definition",
  proves: "there is a rotator, with the steps that its overlap needs",
  remedy: "make the module's default export with defineRotator, and correct what is listed",
  needs: [],
};

const whenKilled: Clause = {
  name: "killed",
  proves:
    "killed at any moment and run again, a rotation ends with one credential that is accepted, and nothing is left at the issuer",
  remedy: "keep nothing in memory between two steps: each may run in a process of its own",
  needs: [
    ...["parameters", "rotation", "properties", "test", "check", "find", "overlap", "repeated", "rollback"],
    ...["revoke", "revoke spares", "revoke again", "leftovers"],
  ],
};

const processes: Clause = {
  name: "processes",
  proves: "no value is in the command line or the environment of a process",
  remedy: "hand it over on stdin, or in a file that only its user can read",
  needs: ["rotation"],
};

const output: Clause = {
  name: "output",
  proves: "no value is written to stdout or stderr",
  remedy: "log the credential's id, or nothing",
  needs: ["rotation"],
};

const messages: Clause = {
  name: "errors",
  proves: "no value is in an error or an event, also where nothing can be reached",
  remedy: "leave values, and what a target answers, out of a RotatorError: its message is shown as it is",
  needs: ["rotation"],
};

export const others = { definition, killed: whenKilled, processes, output, errors: messages };
