import { createHash } from "node:crypto";
import { annotationDomain, projectName, secretTypes } from "../policies/rules/names";

/** Names in AWS, Kubernetes and Pulumi that the program gives and the driver looks for; those that the policies know stand with them. */
export { annotationDomain, metrics, projectName, tags } from "../policies/rules/names";

/**
 * The annotation of an ExternalSecret that holds the version id. A change of any annotation makes the operator read at
 * once, and it copies it onto the Kubernetes Secret.
 */
export const versionAnnotation = `${annotationDomain}/version`;
/** Its value before the first rotation. */
export const neverSynced = "never-rotated";
/** The annotation of an ExternalSecret that a run changes where the operator has read, and got what was before. */
export const pokeAnnotation = `${annotationDomain}/read-again`;

/** Of the SecretStore that the stack makes in a namespace: other stacks may have theirs beside it. */
export function ownSecretStoreName(stack: string): string {
  return `secret-rotation-${dnsLabel(stack)}`;
}

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
 * The pod-template annotation that holds the version id of one secret, and so restarts the workload when it changes, e.g.
 * `prod.secret-rotation/shop.orders-db`. Environments may have secrets of one name, and share a workload.
 * The schema's names give valid keys only: what follows the slash is a qualified name of at most 63 characters.
 */
export function restartAnnotation(environment: string, name: string): string {
  return `${dnsLabel(environment)}.${annotationDomain}/${name.replaceAll("/", ".")}`;
}

/** A text as a DNS label: as it is where it is one, else with a hash, so that two texts never become one. */
function dnsLabel(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(text)) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 30)
    .replace(/-$/, "");
  return [label, hash].filter(Boolean).join("-");
}

interface Workload {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

export function workloadName(workload: Workload): string {
  return `${workload.kind.toLowerCase()}/${workload.namespace}/${workload.name}`;
}

/** Of a consumer in AWS, e.g. `ecsservice/shop/checkout`. */
export function awsConsumerName({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind.toLowerCase()}/${id}`;
}

/** Of a consumer in AWS, as people read it, e.g. `EcsService shop/checkout`. */
export function awsConsumerTitle({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind} ${id}`;
}

/** As people read it, e.g. `Deployment shop/checkout`. */
export function workloadTitle({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}

export function externalSecretName(namespace: string, secret: string): string {
  return `${namespace}/${secret}`;
}

/** Of the alarms of one secret: that its last rotation failed, and that its value is too old or nobody says how old. */
export function alarmName(environment: string, secret: string, what: "failed" | "overdue"): string {
  return `${projectName}/${fullName(environment, secret)}/${what}`;
}

/** Of the topic that the stack makes for its alarms, and of its dashboard. */
export function alarmsName(environment: string): string {
  return `${projectName}-${environment}`;
}

export const types = Object.freeze({
  managedSecret: "secret-rotation:infra:ManagedSecret",
  consumer: "secret-rotation:infra:Consumer",
  backupBucket: "secret-rotation:infra:BackupBucket",
  rotationAccess: "secret-rotation:infra:RotationAccess",
  alarms: "secret-rotation:infra:Alarms",
  keptValues: "secret-rotation:infra:KeptValues",
  ...secretTypes,
  externalSecret: "kubernetes:external-secrets.io/v1:ExternalSecret",
});
/** Of the patch that restarts a workload; as the component around it has only that, whatever the kind. */
export const patchType = (apiVersion: string, kind: string) => `kubernetes:${apiVersion}:${kind}Patch`;
