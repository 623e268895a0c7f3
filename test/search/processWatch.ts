import { textsOf } from "../../rotation/contract/processWatch";
import { withDescendants } from "../sandbox/process/processTable";

const everyMs = 20;

/** Collects the command lines and environments of a process and of everything that it starts. */
export class ProcessWatch {
  /** Each different text once. */
  readonly seen = new Set<string>();
  readonly processes = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(root: number) {
    this.#timer = setInterval(() => this.#look(root), everyMs).unref();
  }

  #look(root: number): void {
    for (const { pid } of withDescendants(root)) {
      this.processes.add(pid);
      for (const text of textsOf(pid)) this.seen.add(text);
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
