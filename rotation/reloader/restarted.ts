import { versionAnnotation } from "../../infra/names";
import type { KubernetesSecret } from "../ports/kubernetes";
import type { ReloaderView } from "../ports/reloaderView";
import { contentHash, isMarked, lastReload } from "./marks";

export interface Evidence {
  readonly reloader: ReloaderView;
  /** Name of the Kubernetes Secret, and what it holds now. */
  readonly name: string;
  readonly secret: KubernetesSecret;
  /** When each of the workload's pods was made; all of them are of its newest template. */
  readonly pods: readonly Date[];
  /** The Kubernetes Secret that Reloader has restarted the workload for last, where that is another one, and may be read. */
  readonly last: KubernetesSecret | undefined;
}

/** How long after its content External Secrets may still write annotations of a Kubernetes Secret, which look newer then. */
const writtenAgainMs = 60_000;

/**
 * A Kubernetes Secret was made with this version, and has not changed since: by default Reloader restarts nothing for a Secret that
 * is made, so the driver does.
 */
export function isMadeWith(versionId: string, held: KubernetesSecret | undefined): boolean {
  if (!held?.createdAt || !held.contentSince) return false;
  const changedMs = held.contentSince.getTime() - held.createdAt.getTime();
  return held.annotations[versionAnnotation] === versionId && changedMs < madeMs;
}
/** The annotations of one that is made may be written again at once. */
const madeMs = 5_000;

/**
 * Proof that all pods began with the content that a Kubernetes Secret has now, without a version in their template: they were made
 * after it. Times are the API server's, in whole seconds. Within one second, and where the Secret's annotations were written again,
 * Reloader's own marks in the pod template tell.
 */
export function isRestarted({ reloader, name, secret, pods, last }: Evidence): boolean {
  const since = secret.contentSince?.getTime();
  if (pods.length === 0) return true;
  const oldest = Math.min(...pods.map((made) => made.getTime()));
  if (since !== undefined && oldest > since) return true;
  // A mark of long ago may be of the same content: of a value that has come back.
  if (since !== undefined && oldest < since - writtenAgainMs) return false;
  if (isMarked(reloader, name, contentHash(secret.data))) return true;
  return oldest === since && isNewer(reloader, secret, last);
}

/**
 * Of the annotations' strategy only the last restart is on record. Reloader takes changes one after the other, so one for a
 * Secret that was written later has this Secret's change behind it.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions: of one kind of object they can be compared
 */
function isNewer(reloader: ReloaderView, secret: KubernetesSecret, last: KubernetesSecret | undefined): boolean {
  if (last === undefined || lastReload(reloader)?.hash !== contentHash(last.data)) return false;
  if (![last, secret].every(({ resourceVersion }) => /^\d+$/.test(resourceVersion))) return false;
  return BigInt(last.resourceVersion) > BigInt(secret.resourceVersion);
}
