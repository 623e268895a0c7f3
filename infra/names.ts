import { createHash } from "node:crypto";
import type { ConsumerDeclaration } from "./config/secretSchema";

/** The project's name, and its namespace in Pulumi.<stack>.yaml. */
export const projectName = "secret-rotation";

/** Names in AWS, Kubernetes and Pulumi that the program gives and the driver looks for. */

/** Domain of the annotations that rotations set. Nobody else writes under it, so that nobody's writing conflicts. */
export const annotationDomain = "secret-rotation";
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

/**
 * What the driver publishes to CloudWatch of each secret; the alarms, the dashboard and the policy pack name it too. The
 * dimension `secret` is the full name.
 */
export const metrics = Object.freeze({
  namespace: "SecretRotation",
  dimensions: Object.freeze({ environment: "Environment", secret: "SecretName" }),
  names: Object.freeze({
    success: "RotationSuccess",
    failure: "RotationFailure",
    duration: "RotationDurationSeconds",
    age: "SecretAgeDays",
    daysToExpiry: "DaysToExpiry",
  }),
});

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
