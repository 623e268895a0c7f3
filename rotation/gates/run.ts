import type { SettledSecret } from "../../infra/stamp";
import type { Phase } from "../../policies/rules/phases";
import type { RotationError } from "../errors";
import type { PlannedSecret } from "../plan/plannedSecret";
import type { Refusal } from "../refusal";
import type { StrategyContext } from "../rotators/protocol";

/** One secret's way through a run. */
export interface Entry {
  readonly plan: PlannedSecret;
  /** Known as soon as the version is written. */
  versionId: string | undefined;
  /** What the strategy's `set` returned; undefined: it was done by an earlier run, or has nothing to tell. */
  setAt: string | undefined;
  /** What the Secret was stamped with already; undefined: the settling update does it. */
  stamp: SettledSecret | undefined;
  /** When the value expires, where it says so. */
  notAfter?: Date | undefined;
  /** From when on it is to be renewed, where its kind says so. */
  renewFrom?: Date | undefined;
  /** What its value has come to, where it says so. */
  phase?: Phase | undefined;
  /** What an emergency, or the end of a grace period, has proven to be refused. */
  refused?: Refusal | undefined;
  /** URNs of its ExternalSecrets and patches that the engine has not come to the end of. */
  readonly left: Set<string>;
  error: RotationError | undefined;
}

/** What a run knows while it goes on: by secret, how far it is and what failed. The first failure of a secret counts. */
export class Run {
  readonly entries: ReadonlyMap<string, Entry>;
  /** URNs of resources that a gate stopped in the update under way: their failure is the gate's, told already. */
  readonly stoppedByGate = new Set<string>();
  /** Is told of each secret that fails. */
  whenFailed: (secret: string) => void = () => undefined;

  /** @param urnsOf  of the resources that bring a secret's version to its consumers */
  constructor(plans: readonly PlannedSecret[], urnsOf: (context: StrategyContext) => readonly string[] = () => []) {
    this.entries = new Map(
      plans.map((plan) => {
        const { secret } = plan.context;
        const entry = { plan, versionId: plan.newVersionId, setAt: undefined, stamp: undefined, error: undefined };
        return [secret.name, { ...entry, left: new Set(urnsOf(plan.context)) }];
      }),
    );
  }

  fail(secret: string, error: RotationError): void {
    const entry = this.entries.get(secret);
    if (!entry) return;
    entry.error ??= error;
    this.whenFailed(secret);
  }

  /** Those that have not failed. */
  alive(): Entry[] {
    return [...this.entries.values()].filter(({ error }) => error === undefined);
  }
}
