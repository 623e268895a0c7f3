import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { expand } from "./expansion";

describe("expand", () => {
  const values = { NAME: "shop", EMPTY: "" };
  for (const [text, expanded] of [
    ["$(NAME)-$(NAME)", "shop-shop"],
    ["[$(EMPTY)]", "[]"],
    ["$(UNKNOWN) and $(toString)", "$(UNKNOWN) and $(toString)"],
    ["$$(NAME) costs 5$", "$(NAME) costs 5$"],
    ["$NAME", "$NAME"],
  ] as const) {
    it(`makes ${JSON.stringify(text)} into ${JSON.stringify(expanded)}`, () => {
      assert.equal(expand(text, values), expanded);
    });
  }
});
