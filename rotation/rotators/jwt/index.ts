import { defineRotator } from "../defineRotator";
import { native } from "../native";
import { parameters } from "./parameters";
import type * as steps from "./simpleOverlap";

export const jwt = defineRotator({
  kind: "jwt",
  about: "a key that signs tokens (HMAC), with the one before it",
  type: "app-secrets",
  maxAgeDays: 180,
  parameters,
  strategies: {
    "simple-overlap": {
      about: "`{current, previous}`: what the previous key signed verifies until the next rotation",
      steps: () => (require("./simpleOverlap") as typeof steps).simpleOverlap,
    },
    native,
  },
});
