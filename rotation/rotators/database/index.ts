import { normalHost } from "../../../infra/config/hostName";
import type { Problem } from "../../../infra/config/problem";
import type { Claim } from "../../../infra/config/rotator";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";
import { defineRotator } from "../defineRotator";
import { native } from "../native";
import type * as alternatingUsers from "./alternatingUsers";
import { type DatabaseParameters, databaseOf, parameters } from "./parameters";
import type * as singleUser from "./singleUser";

export const database = defineRotator({
  kind: "database",
  about: "the password of a PostgreSQL login role",
  maxAgeDays: 90,
  parameters,
  strategies: {
    "alternating-users": {
      about:
        "two login roles in turn: the inactive one gets a new password and becomes current; no login is ever refused",
      problems: (secret, at) => [...problemsOfRoles(secret, at, 2), ...problemsOfGroup(secret, at)],
      steps: () => (require("./alternatingUsers") as typeof alternatingUsers).alternatingUsers,
    },
    "single-user": {
      about: "one role gets a new password; logins with the old one are refused until the rollout is through",
      problems: (secret, at) => problemsOfRoles(secret, at, 1),
      steps: () => (require("./singleUser") as typeof singleUser).singleUser,
    },
    native,
  },
  claims: rolesOf,
  waits: ({ parameters }) => (parameters as DatabaseParameters | undefined)?.drainTimeout ?? 0,
  reads: ({ superuserSecret }) => [superuserSecret],
});

function problemsOfRoles(secret: SecretDeclaration, at: string, wanted: number): Problem[] {
  const { roles, groupRole, admin, host } = databaseOf({ secret });
  const problems: Problem[] = [];
  const report = (field: string, message: string) => problems.push({ path: `${at}.database.${field}`, message });
  const many = wanted > 1 ? "s" : "";
  if (new Set(roles).size !== wanted) report("roles", `${secret.strategy} needs ${wanted} different role${many}`);
  if (admin && host === undefined) report("host", "is needed beside admin: where services connect, e.g. the pooler");
  if (groupRole !== undefined && roles.includes(groupRole)) {
    report("groupRole", `must differ from the login roles, is ${groupRole}`);
  }
  return problems;
}

function problemsOfGroup(secret: SecretDeclaration, at: string): Problem[] {
  if (databaseOf({ secret }).groupRole !== undefined) return [];
  return [{ path: `${at}.database.groupRole`, message: "is needed: both roles own the same things through it" }];
}

/** A server's role has one password, which only one secret can hold. */
function rolesOf(secret: SecretDeclaration): Claim[] {
  if (!secret.parameters) return [];
  const { roles, admin, host, superuserSecret } = databaseOf({ secret });
  const server = admin?.host ?? host;
  return [...new Set(roles)].map((name) => ({
    key: `role ${server === undefined ? superuserSecret : normalHost(server)} ${name}`,
    path: "database.roles",
    what: `the role ${name} of the same server`,
  }));
}
