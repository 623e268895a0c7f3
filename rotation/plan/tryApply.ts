import { type FieldConflict, KubernetesError } from "../kubernetesError";
import type { Ports } from "../ports";
import type { AppliedObject } from "../ports/kubernetesChecks";
import type { ObjectPath } from "../ports/serverSideApply";
import type { Outcome, Refusal } from "./outcome";

/** What Pulumi's provider will apply, and how. */
export interface Application {
  readonly at: ObjectPath;
  readonly object: object;
  readonly fieldManager: string;
  /** As people read it. */
  readonly title: string;
  /** Whether the object that came back is as it was applied: admission may change it. */
  readonly isApplied: (object: AppliedObject) => boolean;
}

type Kubernetes = Pick<Ports, "kubernetes">["kubernetes"];

/**
 * Tries what Pulumi's provider will apply, as a server-side dry run: found is whoever else owns a field, and whatever
 * refuses the change.
 */
export async function tryApply(kubernetes: Kubernetes, application: Application): Promise<Outcome> {
  const { title, isApplied } = application;
  try {
    const object = await apply(kubernetes, application);
    if (object === undefined) return refuse(`${title} is there no more`, "run the same command again");
    if (object.metadata?.deletionTimestamp !== undefined) {
      return refuse(`${title} is being deleted`, "wait until it is gone, and deploy it again");
    }
    if (!isApplied(object)) {
      const message = `something that changes objects as they come in takes the rotation's annotation out of ${title}`;
      return refuse(message, "see kubectl get mutatingwebhookconfigurations,mutatingadmissionpolicies");
    }
    return { fact: `${title} takes the change (server-side dry run)` };
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    return outcomeOf(error, application);
  }
}

/** As the provider does, which takes over what others wrote. But who sets a rule for an object would set it again. */
async function apply(kubernetes: Kubernetes, application: Application): Promise<AppliedObject | undefined> {
  const { at, object, fieldManager } = application;
  try {
    return await kubernetes.tryApply(at, object, { fieldManager, force: false });
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.conflicts.length === 0) throw error;
    if (!error.conflicts.every(isTakenOver)) throw error;
    return kubernetes.tryApply(at, object, { fieldManager, force: true });
  }
}

/** The annotations are a rotation's own, whoever wrote them. */
const annotations = /^\.(spec\.template\.)?metadata\.annotations\./;

/** Beginnings of the names of field managers that wrote a field once, and do not watch over it. */
const takenOver = {
  Apply: ["kubectl"],
  Update: ["kubectl", "before-first-apply", "pulumi-kubernetes", "pulumi-resource-kubernetes"],
} as const;

function isTakenOver({ manager, operation, subresource, field }: FieldConflict): boolean {
  if (annotations.test(field)) return true;
  return !subresource && takenOver[operation].some((beginning) => manager.startsWith(beginning));
}

function outcomeOf(error: KubernetesError, { title, at }: Application): Outcome {
  const { message, status } = error;
  // Of a webhook that would do something itself.
  if (/does not support dry run/.test(message)) {
    return { unknown: `whether ${title} takes the change: ${message}` };
  }
  const others = error.conflicts.filter((conflict) => !isTakenOver(conflict));
  if (others.length > 0) {
    const owners = [...new Set(others.map(({ manager, field }) => `"${manager}" owns ${field}`))].join(", ");
    const show = `kubectl get ${at.plural} -n ${at.namespace} ${at.name} -o yaml --show-managed-fields`;
    const hint = `have them leave it alone (Argo CD: ignoreDifferences, RespectIgnoreDifferences=true; a chart: take it out); who owns what: ${show}`;
    return refuse(`the change of ${title} would be undone: ${owners}`, hint);
  }
  if (status === 401 || / cannot patch resource /.test(message)) {
    const hint = "let the kubeconfig's user do what infra/permissions/kubernetes.yaml lists";
    return { ...refuse(`${title}: ${message}`, hint), forbidden: true };
  }
  if (error.mayPass) {
    const hint = "see whether it, and the webhooks that it asks, are well, then run the same command again";
    return { ...refuse(`${title} cannot be tried: ${message}`, hint), retryable: true };
  }
  return refuse(`the change of ${title} would be refused: ${message}`, "have whoever set this rule allow it");
}

function refuse(message: string, hint: string): Refusal {
  return { refuse: message, code: "KUBERNETES_FAILED", hint };
}
