import type { RotationError } from "../errors";
import type { PlannedSecret } from "../plan/planRotation";

/** One secret's way through a run. */
export interface Entry {
  readonly plan: PlannedSecret;
  /** Known as soon as the version is written. */
  versionId: string | undefined;
  /** What the strategy's `set` returned; undefined: it was done by an earlier run, or has nothing to tell. */
  setAt: string | undefined;
  error: RotationError | undefined;
}

/** What a run knows while it goes on: by secret, how far it is and what failed. The first failure of a secret counts. */
export class Run {
  readonly entries: ReadonlyMap<string, Entry>;
  /** URNs of resources that a gate stopped in the update under way: their failure is the gate's, told already. */
  readonly stoppedByGate = new Set<string>();

  constructor(plans: readonly PlannedSecret[]) {
    this.entries = new Map(
      plans.map((plan) => [
        plan.context.secret.name,
        { plan, versionId: plan.newVersionId, setAt: undefined, error: undefined },
      ]),
    );
  }

  fail(secret: string, error: RotationError): void {
    const entry = this.entries.get(secret);
    if (entry) entry.error ??= error;
  }

  /** Those that have not failed. */
  alive(): Entry[] {
    return [...this.entries.values()].filter(({ error }) => error === undefined);
  }
}
