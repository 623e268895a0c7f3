import assert from "node:assert/strict";
import {
  claimOf,
  claimsIn,
  identityOf,
  notClaimedByAnother,
  withClaim,
  withoutClaims,
} from "../../../../rotation/rotators/database/claim";
import { context } from "../../context";

const secret = context({});
const ours = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dev/shop/key";
const role = {
  ...{ name: "app", comment: null as string | null, isMe: false, isSuperuser: false },
  ...{ iAmSuperuser: false, iCreateRoles: true, iAmAdmin: true, asksAdmin: true },
};

describe("the claim in a role's comment", () => {
  it("is the Secret's ARN without what AWS appends, and the comment stays", () => {
    assert.equal(identityOf(secret), ours);
    const comment = withClaim("ask Ann [4 eyes]", ours);
    assert.equal(comment, `ask Ann [4 eyes] [secret-rotation: ${ours}]`);
    assert.deepEqual([claimsIn(comment), withoutClaims(comment)], [[ours], "ask Ann [4 eyes]"]);
    assert.deepEqual([claimsIn(null), withoutClaims(withClaim(null, ours))], [[], null]);
  });

  it("of another secret is refused, with a statement that keeps the rest", () => {
    const comment = "O'Hara [secret-rotation: arn:aws:secretsmanager:eu-west-1:1:secret:prod/x]";
    assert.throws(
      () => notClaimedByAnother(secret, "check", { name: "app", comment }),
      ({ code, hint }: Error & { code?: string; hint?: string }) =>
        code === "ROLE_CLAIMED" && !!hint?.endsWith(`COMMENT ON ROLE "app" IS 'O''Hara'`),
    );
    notClaimedByAnother(secret, "check", { name: "app", comment: withClaim(null, ours) });
  });

  it("is made once, and only where the server lets it be made", () => {
    const statement = `COMMENT ON ROLE "app" IS '[secret-rotation: ${ours}]'`;
    assert.deepEqual(claimOf(secret, role), [statement]);
    assert.deepEqual(claimOf(secret, { ...role, comment: withClaim(null, ours) }), []);
    assert.deepEqual(claimOf(secret, { ...role, isMe: true, iAmAdmin: false }), []);
    assert.deepEqual(claimOf(secret, { ...role, isMe: true, iAmSuperuser: true }), [statement]);
    assert.deepEqual(claimOf(secret, { ...role, iAmAdmin: false, asksAdmin: false }), [statement]);
  });
});
