import type { Session } from "../../ports/postgres";
import type { StrategyContext } from "../protocol";
import type { AsSuperuser } from "./superusers";

/** What differs between single-user and alternating-users. */
export interface RoleChange {
  /** The role that gets the new password, given the one that is current. */
  nextRole(context: StrategyContext, currentRole: string | undefined): string;
  /** Refuses, before anything is written, what the server says will not work. */
  checkRole(context: StrategyContext, asSuperuser: AsSuperuser, role: string): Promise<void>;
  /** What the role acts as when it logs in; undefined: itself. */
  actsAs?(context: StrategyContext): string;
  /** `one-live`: an older password can be given to the role again. */
  readonly overlap: "one-live" | "alternating";
  /** @param currentRole  the one that services live by; undefined: none is known */
  setRole(
    context: StrategyContext,
    session: Session,
    to: { role: string; password: string; salt: Buffer },
    currentRole?: string,
  ): Promise<void>;
}
