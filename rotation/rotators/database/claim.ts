import { escapeIdentifier, escapeLiteral } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import type { KnownRole } from "./knownRoles";

/**
 * The database says which secret a role belongs to: in the role's comment, after whatever it said before. A claim is made
 * in the transaction that sets the first password, so that there are both or neither.
 */

const claim = /\s*\[secret-rotation: ([^\]]*)\]/g;

/** The Secret's ARN without what AWS appends to its name: it is the same again for a Secret that was deleted and made anew. */
export function identityOf({ arn }: Pick<StrategyContext, "arn">): string {
  return arn.replace(/-[A-Za-z0-9]{6}$/, "");
}

export function claimsIn(comment: string | null): string[] {
  return [...(comment ?? "").matchAll(claim)].map(([, identity = ""]) => identity);
}

/** What a comment says beside claims; null: nothing. */
export function withoutClaims(comment: string | null): string | null {
  return comment?.replaceAll(claim, "") || null;
}

export function withClaim(comment: string | null, identity: string): string {
  return [...(comment ? [comment] : []), `[secret-rotation: ${identity}]`].join(" ");
}

export function commentOn(role: string, comment: string | null): string {
  return `COMMENT ON ROLE ${escapeIdentifier(role)} IS ${comment === null ? "NULL" : escapeLiteral(comment)}`;
}

/** @throws {ROLE_CLAIMED} also where adoption is asked for: two secrets would change each other's password */
export function notClaimedByAnother(
  context: StrategyContext,
  step: Step,
  { name, comment }: Pick<KnownRole, "name" | "comment">,
): void {
  const others = claimsIn(comment).filter((identity) => identity !== identityOf(context));
  if (others.length === 0) return;
  const message = `the role ${name} belongs to ${others.join(" and ")}, as its comment says`;
  const release = commentOn(name, withoutClaims(comment));
  throw failure(context, step, "ROLE_CLAIMED", message, {
    hint: `declare it in one place; if that secret is not rotated any more, release the role: ${release}`,
  });
}

/** What makes the claim; empty: there is one, or the superuser's secret may not comment on the role, as on itself. */
export function claimOf(context: StrategyContext, role: Commentable): string[] {
  const { name, comment } = role;
  if (claimsIn(comment).length > 0 || !mayComment(role)) return [];
  return [commentOn(name, withClaim(comment, identityOf(context)))];
}

export type Commentable = Pick<
  KnownRole,
  "name" | "comment" | "isMe" | "isSuperuser" | "iAmSuperuser" | "iCreateRoles" | "iAmAdmin" | "asksAdmin"
>;

/** @see https://github.com/postgres/postgres/blob/master/src/backend/catalog/objectaddress.c: check_object_ownership */
function mayComment({ isMe, isSuperuser, iAmSuperuser, iCreateRoles, iAmAdmin, asksAdmin }: Commentable): boolean {
  if (iAmSuperuser) return true;
  return iCreateRoles && !isSuperuser && (!asksAdmin || (iAmAdmin && !isMe));
}
