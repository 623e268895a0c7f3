import type { Clause } from "../clause";
import { Broken } from "../verdict";

export const parameters: Clause = {
  name: "parameters",
  proves: "a parameter that the rotator does not know is refused",
  remedy: "write the schema with z.strictObject: a misspelt parameter would be left out without a word",
  needs: ["definition"],
  notFor: ({ rotator, isDeclared }) =>
    isDeclared ? "whoever takes its steps judges them" : rotator.parameters ? undefined : "it takes no parameters",
  async judge({ rotator, givenParameters }) {
    const given = typeof givenParameters === "object" ? givenParameters : {};
    const parsed = rotator.parameters?.safeParse({ ...given, "not-a-parameter": "x" });
    if (parsed?.success) throw new Broken("a parameter with a name that it does not know is let pass");
  },
};
