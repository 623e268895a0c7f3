import type { Verb } from "../../../infra/config/rotatorsSchema";
import type { OwnKind } from "./ownKind";

/** What the steps of a kind lack, or have too much, given how its credentials overlap. */
export function wrongSteps(overlap: OwnKind["overlap"], has: ReadonlySet<Verb>): string[] {
  const wrong: string[] = [];
  const needs = (verb: Verb, why: string) => {
    if (!has.has(verb)) wrong.push(`${verb} is needed: ${why}`);
  };
  needs("test", "it says whether a credential is accepted");
  if (has.has("issue") && has.has("create"))
    wrong.push("issue and create exclude each other: say who makes the new one");
  if (overlap === "one-live") {
    needs("create", "with one-live the new credential is stored before the target takes it");
    needs("set", "with one-live the target takes what create has made");
    if (has.has("issue")) wrong.push("issue does not go with one-live: what was valid before would be refused at once");
  } else if (!has.has("issue") && !has.has("create")) {
    wrong.push("issue (by its issuer) or create (by us) is needed: it makes the new credential");
  }
  if (overlap === "two-live") {
    needs("revoke", "with two-live the older credential stays valid until then");
    if (has.has("create")) needs("set", "the target has to be told of what create has made");
  }
  if (has.has("find")) needs("revoke", "what find says is taken out of use");
  return [...new Set(wrong)];
}
