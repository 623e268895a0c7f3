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
}
