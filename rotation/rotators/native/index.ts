import type { Strategy } from "../../../infra/config/rotator";
import type { RotationStrategy } from "../protocol";
import type { followed } from "./followed";

/** Any kind whose values AWS rotates by a function of its own. */
export const native = Object.freeze({
  about: "AWS rotates it itself (RotateSecret); a run brings what it has made to the consumers, and verifies that",
  watchedOnly: "AWS rotates it itself (RotateSecret)",
  follows: () => (require("./followed") as { followed: typeof followed }).followed,
}) satisfies Strategy<RotationStrategy>;
