import type { Problem } from "../../../infra/config/problem";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";
import { defineRotator } from "../defineRotator";
import { type OverlapParameters, parameters } from "../jwt/parameters";
import type * as overlapping from "../jwt/simpleOverlap";
import { native } from "../native";
import type * as steps from "./simple";

export const app = defineRotator({
  kind: "app",
  about: "a random text, or one property of a JSON document",
  type: "app-secrets",
  maxAgeDays: 90,
  parameters,
  strategies: {
    simple: {
      about: "a new random text; of a document with `property`, that property alone",
      problems: (secret, at) => [...problemsOfKeys(secret, at), ...problemsOfLifetime(secret, at)],
      steps: () => (require("./simple") as typeof steps).simple,
    },
    "simple-overlap": {
      about:
        "`{current, previous}`, e.g. of session cookies: what the previous text signed is accepted until the next rotation",
      steps: () => (require("../jwt/simpleOverlap") as typeof overlapping).simpleOverlap,
    },
    native,
  },
});

function problemsOfLifetime({ parameters: given }: SecretDeclaration, at: string): Problem[] {
  if ((given as OverlapParameters | undefined)?.tokenLifetime === undefined) return [];
  const message = "belongs to strategy simple-overlap; this secret has strategy simple, which keeps no text before";
  return [{ path: `${at}.app.tokenLifetime`, message }];
}

/** A JSON may have more properties than its strategy makes: what it has is known when it is read (see the checks). */
function problemsOfKeys({ externalSecret, property: renewed }: SecretDeclaration, at: string): Problem[] {
  if (renewed !== undefined) return [];
  return (externalSecret?.keys ?? []).flatMap(({ property }, i) => {
    if (property === undefined) return [];
    const message = `a value of strategy simple is a plain text: leave property out, is ${property}; of a JSON document, say in the secret's own property which one is renewed`;
    return [{ path: `${at}.externalSecret.keys[${i}].property`, message }];
  });
}
