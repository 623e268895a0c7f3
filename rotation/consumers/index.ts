import type { ConsumerKinds } from "../../infra/config/consumerKind";
import type { DrivenAwsKind } from "./awsKind";
import { cronJob } from "./cronJob";
import { daemonSet } from "./daemonSet";
import { deployment } from "./deployment";
import { ecsService } from "./ecsService";
import type { DrivenKind } from "./kubernetesKind";
import { lambdaFunction } from "./lambdaFunction";
import { rollout } from "./rollout";
import { statefulSet } from "./statefulSet";

/** The kinds of consumer in Kubernetes, each a row. */
export const kubernetesKinds: readonly DrivenKind[] = [deployment, statefulSet, daemonSet, rollout, cronJob];

/** Those in AWS, each a row. */
const awsKinds: readonly DrivenAwsKind[] = [ecsService, lambdaFunction];

/** All kinds of consumer, by name. */
export const consumerKinds: ConsumerKinds = new Map([...kubernetesKinds, ...awsKinds].map((one) => [one.kind, one]));

/** @throws Error for a kind that the configuration would not have let pass */
export function kubernetesKind(kind: string): DrivenKind {
  const found = kubernetesKinds.find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no consumer of kind ${kind} in Kubernetes`);
  return found;
}

/** @throws Error for a kind that the configuration would not have let pass */
export function awsKind(kind: string): DrivenAwsKind {
  const found = awsKinds.find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no consumer of kind ${kind} in AWS`);
  return found;
}
