import { defineRotator } from "../defineRotator";
import { native } from "../native";
import { parameters } from "./parameters";
import type * as steps from "./publishedFirst";

export const signingKeys = defineRotator({
  kind: "signing-keys",
  about: "a key pair that signs tokens, with the public set (JWKS) by which they are verified",
  type: "app-secrets",
  maxAgeDays: 180,
  parameters,
  strategies: {
    "published-first": {
      about:
        "three runs: the next public key is in the set (`cacheTime`), it signs (`tokenLifetime`), the older one leaves the set; no token is refused",
      steps: () => (require("./publishedFirst") as typeof steps).publishedFirst,
    },
    native,
  },
});
