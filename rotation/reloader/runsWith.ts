import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import { restartAnnotation } from "../../infra/names";
import { jobsBegunBefore } from "../ports/jobs";
import type { Kubernetes, KubernetesSecret } from "../ports/kubernetes";
import { isRestarted } from "./restarted";

/** What a consumer is asked about. */
interface Asked {
  readonly secret: Pick<SecretDeclaration, "name" | "externalSecret">;
  /** Of the stack. */
  readonly environment: string;
  readonly versionId: string;
  /** By key: what the Kubernetes Secret has to hold, see expectedData. */
  readonly expected: ReadonlyMap<string, Buffer>;
  /** Whether a run has seen all consumers with this version: their pods are of then, or have begun with it since. */
  readonly isStamped?: boolean;
}

/** Whether a Kubernetes Secret has this content, whoever told External Secrets to read. */
export function holdsContent(held: KubernetesSecret | undefined, expected: ReadonlyMap<string, Buffer>): boolean {
  return held !== undefined && [...expected].every(([key, value]) => held.data[key]?.equals(value));
}

/**
 * Proof that every replica of a consumer runs with a version: the driver has restarted it for that one, or all of its pods began
 * after the Kubernetes Secret had its content, whoever restarted them, or a run has seen that already.
 *
 * @returns undefined: it does; else what speaks against it
 */
export async function againstRunning(
  { secret, environment, versionId, expected, isStamped = false }: Asked,
  consumer: ConsumerDeclaration,
  kubernetes: Pick<Kubernetes, "secret" | "workload" | "podsMade" | "jobPods">,
): Promise<string | undefined> {
  const { namespace } = consumer;
  const name = secret.externalSecret?.target ?? "";
  const [held, workload] = await Promise.all([kubernetes.secret(namespace, name), kubernetes.workload(consumer)]);
  if (!workload) return "there is no such workload";
  if (held === undefined || !holdsContent(held, expected)) {
    return `the Kubernetes Secret ${namespace}/${name} does not hold this version`;
  }
  if (!consumer.isPatched) return againstJobs(held, consumer, kubernetes);
  if (workload.waitsFor !== undefined) return workload.waitsFor;
  if (isStamped || workload.annotations[restartAnnotation(environment, secret.name)] === versionId) return undefined;
  const pods = await kubernetes.podsMade(consumer);
  if (isRestarted({ reloader: workload.reloader, name, secret: held, pods, last: undefined })) return undefined;
  const older = "has pods that began before the Kubernetes Secret held this version";
  return consumer.takes === "env"
    ? older
    : `${older}: whether they have read the file again cannot be seen from outside`;
}

/** Of a CronJob: what begins now has the content. */
async function againstJobs(
  held: KubernetesSecret,
  { namespace, name }: ConsumerDeclaration,
  kubernetes: Pick<Kubernetes, "jobPods">,
): Promise<string | undefined> {
  const jobs = jobsBegunBefore(held.contentSince, await kubernetes.jobPods({ namespace, name }));
  return jobs.length === 0 ? undefined : `of its jobs ${jobs.join(", ")} began with the older value`;
}
