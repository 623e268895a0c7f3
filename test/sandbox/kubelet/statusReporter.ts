import type { V1PodStatus } from "@kubernetes/client-node";
import type { Cluster, PodReference } from "./cluster";
import { untilDone } from "./untilDone";

/** Sends a pod's newest status, one request at a time; what changes during a request is sent after it. */
export class StatusReporter {
  #changed = false;
  #sending = false;
  #closed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly pod: PodReference,
    private readonly build: () => V1PodStatus,
  ) {}

  changed(): void {
    this.#changed = true;
    if (!this.#sending) void this.#send();
  }

  /** Nothing is sent any more: the pod is about to be removed. */
  close(): void {
    this.#closed = true;
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#changed && !this.#closed) {
      this.#changed = false;
      await untilDone(`status of ${this.pod.name}`, async () => {
        if (!this.#closed && !(await this.cluster.patchStatus(this.pod, this.build()))) this.close();
      });
    }
    this.#sending = false;
  }
}
