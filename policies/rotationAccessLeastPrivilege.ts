import { attachmentProblems, grantProblems, trustProblems } from "./pack/accessProblems";
import { definePolicy, type Resource } from "./pack/definePolicy";
import { type Statement, statementsOf } from "./pack/iam";
import { at, listAt, type Plain, unknown } from "./pack/plain";
import { types } from "./pack/types";
import { waivers } from "./rules/configSchema";
import type { Violation } from "./rules/secret";

const documented = [types.role, types.policy, types.rolePolicy, types.rolePolicyAttachment] as const;

/**
 * A role reads and writes the secrets it is for, and no others; whoever takes it through an OIDC provider is one audience
 * and one subject. Source: the IAM roles, their policies and attachments in the stack. A document that is only known
 * during the update is judged then. Advisory by default in every environment.
 */
export const rotationAccessLeastPrivilege = definePolicy<object>({
  name: "rotation-access-least-privilege",
  description: "A role may read and write no more secrets than it has to, and is taken by one subject only.",
  enforcementLevel: "advisory",
  configSchema: waivers("resource"),
  appliesTo: (type) => documented.some((documentedType) => documentedType === type),
  validate: (resource) => {
    const name = nameOf(resource);
    const subject = `${kindOf(resource.type)} ${name}`;
    const violations = problemsOf(resource).map((found) => ({ ...found, message: `${subject} ${found.message}` }));
    return { names: [name, resource.name], violations };
  },
});

function problemsOf({ type, props }: Resource): Violation[] {
  switch (type) {
    case types.role:
      return [
        ...judge(at(props, "assumeRolePolicy"), trustProblems),
        ...listAt(props, "inlinePolicies").flatMap((inline) => judge(at(inline, "policy"), grantProblems)),
        ...listAt(props, "managedPolicyArns").flatMap(attached),
      ];
    case types.rolePolicyAttachment:
      return attached(at(props, "policyArn"));
    default:
      return judge(at(props, "policy"), grantProblems);
  }
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
