import type { Strategy } from "../../infra/kinds";
import { alternatingUsers } from "./database/alternatingUsers";
import { singleUser } from "./database/singleUser";
import { simple } from "./simple";
import { simpleOverlap } from "./simpleOverlap";
import type { RotationStrategy } from "./strategy";

/** Why a strategy does not rotate here: such secrets are provisioned, and their age is watched. */
export interface WatchedOnly {
  readonly watchedOnly: string;
}

/** Every strategy, by name. A new one is a row here and a row in infra/kinds. */
export const strategies = Object.freeze({
  simple,
  "simple-overlap": simpleOverlap,
  "alternating-users": alternatingUsers,
  "single-user": singleUser,
  "dual-key": { watchedOnly: "the driver has no dual-key strategy yet" },
  renewal: { watchedOnly: "the driver has no renewal strategy yet" },
  manual: { watchedOnly: "it is rotated by hand" },
  native: { watchedOnly: "AWS rotates it itself (RotateSecret)" },
}) satisfies Record<Strategy, RotationStrategy | WatchedOnly>;

export function strategyOf(name: Strategy): RotationStrategy | WatchedOnly {
  return strategies[name];
}
