import type { ConsumerDeclaration } from "./config/secretSchema";
import { projectName } from "./config/stackConfig";

/** Names in AWS, Kubernetes and Pulumi that the program gives and the driver looks for. */

/** The field manager and the prefix of the annotations that a rotation owns on a workload. */
export const fieldManager = "secret-rotation";
/** The annotation of an ExternalSecret that makes the operator read at once; it copies it onto the Kubernetes Secret. */
export const forceSyncAnnotation = "force-sync";
/** Its value before the first rotation. */
export const neverSynced = "never-rotated";
export const secretStoreName = "secret-rotation";

/**
 * The staging label of a version that an emergency rotation wrote. It is attached with the value itself, so that whatever
 * happens to the run, the next one knows that what was valid before has still to be retired, and stays: values from before
 * are not brought back.
 */
export const emergencyStage = "EMERGENCY";

/**
 * What the program says in place of a value whenever a rotation does not write one. It overwrites the ciphertext that the
 * last rotation left in the state, and is never sent anywhere: the version input stays, so nothing is written, and before
 * any creation a hook stops the engine. A current value that is this text was written by an older release: it is no value.
 */
export const placeholder = "frozen";

/** The secret's name in Secrets Manager: `<environment>/<name>`. */
export function fullName(environment: string, name: string): string {
  return `${environment}/${name}`;
}

/** Of the KMS key that the stack makes for its backups. */
export function backupKeyAlias(environment: string): string {
  return `alias/secret-backups-${environment}`;
}

/**
 * The pod-template annotation that holds the version id of one secret, and so restarts the workload when it changes.
 * The schema's names give valid keys only: what follows the prefix is a qualified name of at most 63 characters.
 */
export function restartAnnotation(name: string): string {
  return `secret-rotation/${name.replaceAll("/", ".")}`;
}

export function workloadName(consumer: Pick<ConsumerDeclaration, "namespace" | "kind" | "name">): string {
  return `${consumer.kind.toLowerCase()}/${consumer.namespace}/${consumer.name}`;
}

/** As people read it, e.g. `Deployment shop/checkout`. */
export function workloadTitle({
  kind,
  namespace,
  name,
}: Pick<ConsumerDeclaration, "namespace" | "kind" | "name">): string {
  return `${kind} ${namespace}/${name}`;
}

export function externalSecretName(namespace: string, secret: string): string {
  return `${namespace}/${secret}`;
}

/** Tags of the Secret; the policies and `status` read them. Those of a rotation are written by its settling update only. */
export const tags = Object.freeze({
  managedBy: "managed-by",
  environment: "environment",
  kind: "kind",
  strategy: "strategy",
  maxAgeDays: "max-age-days",
  createdAt: "created-at",
  rotatedAt: "rotated-at",
  rotatedVersion: "rotated-version",
  rotatedBy: "rotated-by",
});

export const types = Object.freeze({
  managedSecret: "secret-rotation:infra:ManagedSecret",
  consumer: "secret-rotation:infra:Consumer",
  backupBucket: "secret-rotation:infra:BackupBucket",
  keptValues: "secret-rotation:infra:KeptValues",
  secret: "aws:secretsmanager/secret:Secret",
  secretVersion: "aws:secretsmanager/secretVersion:SecretVersion",
  externalSecret: "kubernetes:external-secrets.io/v1:ExternalSecret",
});
const patchType = (kind: ConsumerDeclaration["kind"]) => `kubernetes:apps/v1:${kind}Patch`;
export const patchTypes: readonly string[] = (["Deployment", "StatefulSet", "DaemonSet"] as const).map(patchType);

function urn(stack: string, parent: string, type: string, name: string): string {
  return `urn:pulumi:${stack}::${projectName}::${parent}$${type}::${name}`;
}
export function secretUrn(stack: string, name: string): string {
  return urn(stack, types.managedSecret, types.secret, name);
}
export function secretVersionUrn(stack: string, name: string): string {
  return urn(stack, types.managedSecret, types.secretVersion, name);
}
export function externalSecretUrn(stack: string, namespace: string, name: string): string {
  return urn(stack, types.managedSecret, types.externalSecret, externalSecretName(namespace, name));
}
/** Of the component around the patch: the engine wants a new resource's parent among the targets too. */
export function consumerComponentUrn(stack: string, consumer: ConsumerDeclaration): string {
  return `urn:pulumi:${stack}::${projectName}::${types.consumer}::${workloadName(consumer)}`;
}
export function consumerUrn(stack: string, consumer: ConsumerDeclaration): string {
  return urn(stack, types.consumer, patchType(consumer.kind), workloadName(consumer));
}
