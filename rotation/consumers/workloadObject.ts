/** A number of pods, or a percentage of the replicas such as `25%`. */
export type Share = number | string;

type Texts = Record<string, string>;

/** What is read of an object in Kubernetes that makes pods; each kind has some of it. */
export interface WorkloadObject {
  metadata?: { name?: string; uid?: string; generation?: number; annotations?: Texts };
  spec?: {
    replicas?: number;
    selector?: {
      matchLabels?: Texts;
      matchExpressions?: { key: string; operator: string; values?: string[] }[];
    };
    paused?: boolean;
    strategy?: {
      type?: string;
      rollingUpdate?: { maxSurge?: Share; maxUnavailable?: Share };
      /** Of a Rollout. */
      canary?: { maxSurge?: Share; maxUnavailable?: Share; trafficRouting?: object };
      blueGreen?: object;
    };
    updateStrategy?: {
      type?: string;
      rollingUpdate?: { partition?: number; maxSurge?: Share; maxUnavailable?: Share };
    };
    template?: PodTemplate;
    /** Of a Rollout whose template is another object's. */
    workloadRef?: { kind?: string; name?: string };
    /** Of a CronJob. */
    jobTemplate?: { spec?: { template?: PodTemplate } };
  };
  status?: {
    /** Of a Rollout it is a text. */
    observedGeneration?: number | string;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    /** The others are of a Rollout. */
    phase?: string;
    message?: string;
    abort?: boolean;
    controllerPause?: boolean;
    pauseConditions?: { reason?: string }[];
    stableRS?: string;
    currentPodHash?: string;
  };
}

export interface PodTemplate {
  metadata?: { annotations?: Texts };
  /** A PodSpec, which the ports read. */
  spec?: object;
}
