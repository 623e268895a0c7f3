/** A field that somebody else owns. @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts */
export interface FieldConflict {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  /** Whether it was written through a subresource, e.g. scale. */
  readonly subresource: boolean;
  /** Path of the field, e.g. `.metadata.annotations.force-sync`. */
  readonly field: string;
}

/** The API server is not reached, or refuses. Of its answer only the message is kept, never headers nor an object. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";

  constructor(
    message: string,
    /** HTTP status; undefined: there was no answer. */
    readonly status: number | undefined,
    /** Of a server-side apply. */
    readonly conflicts: readonly FieldConflict[] = [],
  ) {
    super(message);
  }

  /** No answer, too many requests, or a server in trouble: the same question may be answered later. */
  get mayPass(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}
