import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { consumerComponentUrn, consumerUrn, externalSecretUrn, secretUrn, secretVersionUrn } from "../../infra/names";

/** The resources that have to do with a secret's value. */
export function valueUrns(stack: string, { name }: SecretDeclaration): string[] {
  return [secretUrn(stack, name), secretVersionUrn(stack, name)];
}

/** Every resource of a secret: what a rotation of it may touch. */
export function urnsOf(stack: string, secret: SecretDeclaration): string[] {
  const externalSecrets = namespacesOf(secret).map((ns) => externalSecretUrn(stack, ns, secret.name));
  const consumers = secret.consumers.flatMap((c) => [consumerComponentUrn(stack, c), consumerUrn(stack, c)]);
  return [...valueUrns(stack, secret), ...externalSecrets, ...consumers];
}
