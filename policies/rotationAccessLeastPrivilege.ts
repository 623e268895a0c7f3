import { attachmentProblems, grantProblems, trustProblems } from "./pack/accessProblems";
import { definePolicy, levelByEnvironment, type Resource } from "./pack/definePolicy";
import { type Statement, statementsOf } from "./pack/iam";
import { at, listAt, type Plain, unknown } from "./pack/plain";
import { resourcePolicyProblems } from "./pack/resourcePolicyProblems";
import { types } from "./pack/types";
import { waivers } from "./rules/configSchema";
import type { Violation } from "./rules/secret";

const attachments: readonly string[] = [
  types.rolePolicyAttachment,
  types.userPolicyAttachment,
  types.groupPolicyAttachment,
  types.policyAttachment,
];
const grants: readonly string[] = [types.policy, types.rolePolicy, types.userPolicy, types.groupPolicy];
/** A policy of a secret may stand in the Secret itself. */
const ofSecrets: readonly string[] = [types.secretPolicy, types.secret];
const judged = new Set([types.role, ...attachments, ...grants, ...ofSecrets]);

/**
 * A role, user or group reads and writes the secrets it is for, and no others; whoever takes a role through an OIDC provider
 * is one audience and one subject; a secret's own policy lets in nobody else. Source: IAM's roles, policies and attachments,
 * and the policies of secrets, in the stack. A document that is only known
 * during the update is judged then.
 */
export const rotationAccessLeastPrivilege = definePolicy<object>({
  name: "rotation-access-least-privilege",
  description: "A role may read and write no more secrets than it has to, and is taken by one subject only.",
  enforcementLevel: levelByEnvironment,
  configSchema: waivers("resource"),
  appliesTo: (type) => judged.has(type),
  validate: (resource) => {
    const name = nameOf(resource);
    const subject = `${kindOf(resource.type)} ${name}`;
    const violations = problemsOf(resource).map((found) => ({ ...found, message: `${subject} ${found.message}` }));
    return { names: [name, resource.name], violations };
  },
});

function problemsOf({ type, props }: Resource): Violation[] {
  if (type === types.role) {
    return [
      ...judge(at(props, "assumeRolePolicy"), trustProblems),
      ...listAt(props, "inlinePolicies").flatMap((inline) => judge(at(inline, "policy"), grantProblems)),
      ...listAt(props, "managedPolicyArns").flatMap(attached),
    ];
  }
  if (attachments.includes(type)) return attached(at(props, "policyArn"));
  if (!ofSecrets.includes(type)) return judge(at(props, "policy"), grantProblems);
  const account = accountIn(at(props, "secretArn"));
  return judge(at(props, "policy"), (statements) => resourcePolicyProblems(statements, account));
}

function accountIn(arn: Plain): string | undefined {
  return typeof arn === "string" ? /^arn:[^:]*:secretsmanager:[^:]*:(\d{12}):/.exec(arn)?.[1] : undefined;
}

function attached(arn: Plain): Violation[] {
  return typeof arn === "string" ? attachmentProblems(arn).map((message) => ({ message })) : [];
}

function judge(document: Plain, problems: (statements: readonly Statement[]) => string[]): Violation[] {
  if (document === unknown) {
    return [
      { message: "has a policy document that is only known during the update: it is judged then", level: "advisory" },
    ];
  }
  if (typeof document !== "string") return [];
  const statements = statementsOf(document);
  if (statements === undefined)
    return [{ message: "has a policy document that is no JSON: write it with JSON.stringify" }];
  return problems(statements).map((message) => ({ message }));
}

function nameOf({ props, name }: Resource): string {
  const own = at(props, "name");
  return typeof own === "string" ? own : name;
}

/** `Role` of `aws:iam/role:Role`. */
function kindOf(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}
