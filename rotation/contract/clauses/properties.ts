import type { Clause } from "../clause";
import { Broken } from "../verdict";

export const properties: Clause = {
  name: "properties",
  proves: "all that is made of a credential is stored",
  remedy: "name each property that issue or create gives in properties, or do not give it: others are dropped",
  needs: ["rotation"],
  notFor: ({ own }) => (own ? undefined : "it stores its value itself"),
  async judge({ own, made }) {
    const named = new Set(own?.properties);
    const lost = Object.keys(made.at(-1) ?? {}).filter((name) => !named.has(name));
    if (lost.length > 0) throw new Broken(`${lost.join(" and ")} would be lost`);
  },
};
