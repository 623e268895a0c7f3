import pLimit from "p-limit";
import type { StackConfig } from "../../infra/config/stackConfig";
import type { Ports } from "../ports";
import type { RecordedStack } from "../stack/recordedStack";

/** Questions that are under way at once. */
const atOnce = 10;

/** What the checks of one run have asked: a question that several secrets have is asked once. */
export class Asked {
  readonly #answers = new Map<string, Promise<unknown>>();
  readonly #limit = pLimit(atOnce);

  /** @param question  names it within the run */
  once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question) as Promise<T> | undefined;
    const answer = known ?? this.#limit(ask);
    this.#answers.set(question, answer);
    return answer;
  }
}

/** What a run's checks of Kubernetes go by. */
export interface KubernetesRun {
  readonly config: StackConfig;
  /** Names of the secrets that the run is to rotate. */
  readonly rotating: ReadonlySet<string>;
  readonly recorded: RecordedStack;
  readonly ports: Pick<Ports, "kubernetes" | "clock">;
  readonly asked: Asked;
}
