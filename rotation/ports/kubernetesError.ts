/** The API server is not reached, or refuses. Of its answer only the message is kept, never headers nor an object. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";

  constructor(
    message: string,
    /** HTTP status; undefined: there was no answer. */
    readonly status: number | undefined,
  ) {
    super(message);
  }

  /** No answer, too many requests, or a server in trouble: the same question may be answered later. */
  get mayPass(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}
