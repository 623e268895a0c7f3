import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { SettledSecret } from "../../infra/rotation";
import type { RotationError } from "../errors";
import type { PlannedSecret } from "../plan/planRotation";
import type { Refusal } from "../refusal";

/** One secret's way through a run. */
export interface Entry {
  readonly plan: PlannedSecret;
  /** Known as soon as the version is written. */
  versionId: string | undefined;
  /** What the strategy's `set` returned; undefined: it was done by an earlier run, or has nothing to tell. */
  setAt: string | undefined;
  /** What the Secret was stamped with already; undefined: the settling update does it. */
  stamp: SettledSecret | undefined;
  /** What an emergency has proven to be refused. */
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

  /** @param urnsOf  of the resources that bring a secret's version to its consumers */
  constructor(plans: readonly PlannedSecret[], urnsOf: (secret: SecretDeclaration) => readonly string[] = () => []) {
    this.entries = new Map(
      plans.map((plan) => {
        const { secret } = plan.context;
        const entry = { plan, versionId: plan.newVersionId, setAt: undefined, stamp: undefined, error: undefined };
        return [secret.name, { ...entry, left: new Set(urnsOf(secret)) }];
      }),
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
