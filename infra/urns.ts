import { namespacesOf } from "./config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import { apiVersionOf } from "./kubernetesObjects";
import { externalSecretName, patchType, projectName, types, workloadName } from "./names";

function urn(stack: string, parent: string, type: string, name: string): string {
  return `urn:pulumi:${stack}::${projectName}::${parent}$${type}::${name}`;
}
/** The name of the resource that a URN is of. */
export function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
export function secretUrn(stack: string, name: string): string {
  return urn(stack, types.managedSecret, types.secret, name);
}
export function secretVersionUrn(stack: string, name: string): string {
  return urn(stack, types.managedSecret, types.secretVersion, name);
}
export function secretRotationUrn(stack: string, name: string): string {
  return urn(stack, types.managedSecret, types.secretRotation, name);
}
export function externalSecretUrn(stack: string, namespace: string, name: string): string {
  return urn(stack, types.managedSecret, types.externalSecret, externalSecretName(namespace, name));
}
/** Of the component around the patch: the engine wants a new resource's parent among the targets too. */
export function consumerComponentUrn(stack: string, consumer: ConsumerDeclaration): string {
  return `urn:pulumi:${stack}::${projectName}::${types.consumer}::${workloadName(consumer)}`;
}
export function consumerUrn(stack: string, consumer: ConsumerDeclaration): string {
  return urn(stack, types.consumer, patchType(apiVersionOf(consumer), consumer.kind), workloadName(consumer));
}

/** By name: the consumers that Reloader restarts, for which a run touches no resource. */
export type Reloaded = Pick<ReadonlySet<string>, "has">;

/** The consumers of a secret that the stack patches, which restarts them. */
export function patched(
  { consumers }: Pick<SecretDeclaration, "consumers">,
  reloaded?: Reloaded,
): ConsumerDeclaration[] {
  return consumers.filter((consumer) => consumer.isPatched && !reloaded?.has(workloadName(consumer)));
}

/** The resources that have to do with a secret's value. */
export function valueUrns(stack: string, { name }: SecretDeclaration): string[] {
  return [secretUrn(stack, name), secretVersionUrn(stack, name)];
}

/** The resources that bring a secret's version to its consumers: its ExternalSecrets, and the patches of workloads. */
export function pathUrns(stack: string, secret: SecretDeclaration, reloaded?: Reloaded): string[] {
  const externalSecrets = namespacesOf(secret).map((ns) => externalSecretUrn(stack, ns, secret.name));
  return [...externalSecrets, ...patched(secret, reloaded).map((consumer) => consumerUrn(stack, consumer))];
}

/** The resources that are one secret's alone: on its way from Secrets Manager into Kubernetes. */
export function ownUrns(stack: string, secret: SecretDeclaration): string[] {
  const externalSecrets = namespacesOf(secret).map((ns) => externalSecretUrn(stack, ns, secret.name));
  return [...valueUrns(stack, secret), ...externalSecrets];
}

/** Every resource of a secret: what a rotation of it may touch. */
export function urnsOf(stack: string, secret: SecretDeclaration, reloaded?: Reloaded): string[] {
  const consumers = patched(secret, reloaded).flatMap((c) => [consumerComponentUrn(stack, c), consumerUrn(stack, c)]);
  return [...ownUrns(stack, secret), ...consumers];
}
