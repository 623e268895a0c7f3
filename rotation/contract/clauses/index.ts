import type { Clause } from "../clause";
import { check } from "./check";
import { find } from "./find";
import { gone } from "./gone";
import { leftovers } from "./leftovers";
import { others } from "./others";
import { overlap } from "./overlap";
import { parameters } from "./parameters";
import { properties } from "./properties";
import { repeated } from "./repeated";
import { revoke } from "./revoke";
import { rollback } from "./rollback";
import { rotation } from "./rotation";
import { spares } from "./spares";
import { test } from "./test";

/** What a rotator promises, in the order in which it is judged: each finds the secret as the one before has left it. */
export const clauses: readonly Clause[] = [
  others.definition,
  parameters,
  rotation,
  properties,
  test,
  check,
  find,
  overlap,
  repeated,
  rollback,
  revoke,
  spares,
  gone,
  leftovers,
  others.killed,
  others.processes,
  others.output,
  others.errors,
];
