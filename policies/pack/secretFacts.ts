import type { SecretFacts } from "../rules/secret";
import type { Resource } from "./definePolicy";
import { textAt, textsAt } from "./plain";

/** An aws.secretsmanager.Secret as the rules see it; tags that the provider adds by default are seen too. */
export function secretFactsOf({ props, name }: Resource): SecretFacts {
  return {
    name: textAt(props, "name") ?? name,
    tags: { ...textsAt(props, "tagsAll"), ...textsAt(props, "tags") },
  };
}
