/** What an emergency has proven of the credential before: its target refuses it. */
export interface Refusal {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The version whose credential is refused. */
  readonly versionId: string | undefined;
  /** Who refuses what, as a sentence without a full stop. */
  readonly what: string;
}
