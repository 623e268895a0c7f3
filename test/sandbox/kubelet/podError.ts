/** Why a container cannot be started yet; a kubelet shows it as the reason of the waiting container. */
export class NotStartable extends Error {
  constructor(
    readonly reason: "ContainerCreating" | "CreateContainerConfigError",
    /** The reason of the event. */
    readonly event: "FailedMount" | "Failed",
    message: string,
  ) {
    super(message);
  }
}

/** For what a real kubelet does and this one does not. */
export function unsupported(what: string): NotStartable {
  return new NotStartable(
    "CreateContainerConfigError",
    "Failed",
    `the sandbox's process kubelet does not support ${what}`,
  );
}
