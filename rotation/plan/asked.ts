import pLimit from "p-limit";

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
