import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { OpenedBackup } from "../backup/openBackup";
import type { Ports } from "../ports";
import type { OpenStack } from "../stack/openStack";

/** What is to be done, and to which secrets. */
export interface PlanRequest {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly secrets: readonly SecretDeclaration[];
  /** Go back to an older version (undefined: the one before) in place of making a new value. */
  readonly rollback?: { readonly to: string | undefined };
  /** Bring the values of this backup back in place of making new ones. */
  readonly restore?: OpenedBackup;
  /** What is valid now is compromised: the new values get no grace period, and everything older is retired. */
  readonly emergency?: boolean;
  /** The driver is to take over from AWS's own rotation, which is still set. */
  readonly takesOver?: boolean;
  /** Undeclared workloads that may be left with a credential that is refused then. */
  readonly leaveBehind?: readonly string[];
}
