import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { consumerComponentUrn, consumerUrn, externalSecretUrn, secretUrn, secretVersionUrn } from "../../infra/names";

/** The resources that have to do with a secret's value. */
export function valueUrns(stack: string, { name }: SecretDeclaration): string[] {
  return [secretUrn(stack, name), secretVersionUrn(stack, name)];
}

/** The resources that bring a secret's version to its consumers: its ExternalSecrets, and the patches of workloads. */
export function pathUrns(stack: string, secret: SecretDeclaration): string[] {
  const externalSecrets = namespacesOf(secret).map((ns) => externalSecretUrn(stack, ns, secret.name));
  return [...externalSecrets, ...secret.consumers.map((consumer) => consumerUrn(stack, consumer))];
}

/** The resources that are one secret's alone: on its way from Secrets Manager into Kubernetes. */
export function ownUrns(stack: string, secret: SecretDeclaration): string[] {
  const externalSecrets = namespacesOf(secret).map((ns) => externalSecretUrn(stack, ns, secret.name));
  return [...valueUrns(stack, secret), ...externalSecrets];
}

/** Every resource of a secret: what a rotation of it may touch. */
export function urnsOf(stack: string, secret: SecretDeclaration): string[] {
  const consumers = secret.consumers.flatMap((c) => [consumerComponentUrn(stack, c), consumerUrn(stack, c)]);
  return [...ownUrns(stack, secret), ...consumers];
}
