import type { V1ContainerStatus, V1Pod, V1PodCondition, V1PodStatus } from "@kubernetes/client-node";
import type { ContainerRunner } from "./container";

const conditionTypes = [
  "PodScheduled",
  "PodReadyToStartContainers",
  "Initialized",
  "ContainersReady",
  "Ready",
] as const;

type ConditionType = (typeof conditionTypes)[number];

/** What a pod's status is made of besides its containers. */
export interface PodState {
  readonly podIp: string | undefined;
  readonly startTime: Date;
  /** Why the pod waits, if it does. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
}

function containerStatus(runner: ContainerRunner, uid: string, { waiting }: PodState): V1ContainerStatus {
  const { view, container } = runner;
  const image = container.image ?? "";
  return {
    name: container.name,
    image,
    imageID: `process://${image}`,
    containerID: `process://${uid}/${container.name}`,
    ready: view.ready,
    started: view.state.running !== undefined,
    restartCount: view.restartCount,
    state: view.state.waiting && waiting ? { waiting } : view.state,
    lastState: view.lastState,
  };
}

/** An init container counts when it has come to its end. */
function isCompleted({ view }: ContainerRunner): boolean {
  return view.state.terminated?.exitCode === 0;
}

const initializing = { waiting: { reason: "PodInitializing" } };

function phase(
  initContainers: readonly ContainerRunner[],
  containers: readonly ContainerRunner[],
  policy: string | undefined,
): "Pending" | "Running" | "Succeeded" | "Failed" {
  const isStuck = policy === "Never" && initContainers.some((one) => one.view.state.terminated && !isCompleted(one));
  if (!initContainers.every(isCompleted)) return isStuck ? "Failed" : "Pending";
  const states = containers.map(({ view }) => view.state);
  if (policy !== "Always" && states.every(({ terminated }) => terminated)) {
    return states.every(({ terminated }) => terminated?.exitCode === 0) ? "Succeeded" : "Failed";
  }
  const started = containers.some(
    ({ view }) => !view.state.waiting || view.restartCount > 0 || view.lastState.terminated,
  );
  return started ? "Running" : "Pending";
}

/** Builds the status of one pod and keeps the times at which its conditions changed. */
export class PodStatusBuilder {
  readonly #since = new Map<ConditionType, { status: string; at: Date }>();

  constructor(
    private readonly pod: V1Pod,
    private readonly uid: string,
  ) {}

  build(
    initContainers: readonly ContainerRunner[],
    containers: readonly ContainerRunner[],
    state: PodState,
  ): V1PodStatus {
    const isInitialized = initContainers.every(isCompleted);
    const ready = containers.every(({ view }) => view.ready);
    const is: Record<ConditionType, boolean> = {
      PodScheduled: true,
      PodReadyToStartContainers: state.podIp !== undefined,
      Initialized: isInitialized,
      ContainersReady: ready,
      Ready: ready,
    };
    return {
      phase: phase(initContainers, containers, this.pod.spec?.restartPolicy),
      hostIP: "127.0.0.1",
      startTime: state.startTime,
      conditions: conditionTypes.map((type) => this.#condition(type, is[type], state)),
      ...(initContainers.length > 0 && {
        initContainerStatuses: initContainers.map((runner) => ({
          ...containerStatus(runner, this.uid, state),
          ready: isCompleted(runner),
        })),
      }),
      containerStatuses: containers.map((runner) => ({
        ...containerStatus(runner, this.uid, state),
        ...(!isInitialized && { state: initializing }),
      })),
      ...(state.podIp && { podIP: state.podIp, podIPs: [{ ip: state.podIp }] }),
    };
  }

  #condition(type: ConditionType, isTrue: boolean, { waiting }: PodState): V1PodCondition {
    const status = isTrue ? "True" : "False";
    const before = this.#since.get(type);
    const since = before?.status === status ? before : { status, at: new Date() };
    this.#since.set(type, since);
    const why = isTrue ? {} : (waiting ?? { reason: "ContainersNotReady" });
    return { type, status, lastTransitionTime: since.at, ...why };
  }
}
