import { covers, type Statement } from "./iam";

/** The actions that read or write a value, or say which value is current. BatchGetSecretValue needs GetSecretValue. */
export const valueActions = [
  "GetSecretValue",
  "PutSecretValue",
  "UpdateSecret",
  "CreateSecret",
  "UpdateSecretVersionStage",
].map((action) => `secretsmanager:${action}`);
/** AWS's own policies that give every value of the account. */
const broadPolicies = ["AdministratorAccess", "PowerUserAccess", "SecretsManagerReadWrite"];

/** What is too much in what a document allows, each as the end of a sentence. */
export function grantProblems(statements: readonly Statement[]): string[] {
  return statements
    .filter(({ isAllow }) => isAllow)
    .flatMap((statement) => {
      const { actions, resources, allowsAllBut } = statement;
      const everything = actions.filter((pattern) => covers(pattern, "secretsmanager:AnyActionThatIsYetToCome"));
      if (everything.length > 0) return [`allows ${everything.join(", ")}: name the actions that are needed`];
      // What a NotAction leaves out is rarely Secrets Manager, and says nothing of actions to come.
      if (allowsAllBut.includes("NotAction"))
        return ["allows all actions but some (NotAction): name the actions that are needed"];
      const used = valueActions.filter((action) => actions.some((pattern) => covers(pattern, action)));
      if (used.length === 0) return [];
      if (allowsAllBut.includes("NotResource"))
        return [`allows ${used.join(", ")} on all resources but some: name the secrets`];
      return resources.some(isEverySecret)
        ? [`allows ${used.join(", ")} on every secret: name the secrets in Resource`]
        : [];
    });
}

/** Whether a Resource is all secrets of a region: some name that nobody would think of tells. */
function isEverySecret(resource: string): boolean {
  const other = "secret:any/other-name-AbCdEf";
  const [, , service = "", , , ...rest] = resource.split(":");
  return (
    covers(resource, `arn:aws:secretsmanager:eu-west-1:123456789012:${other}`) ||
    (covers(service, "secretsmanager") && covers(rest.join(":"), other))
  );
}

export function attachmentProblems(policyArn: string): string[] {
  const name = /^arn:aws[^:]*:iam::aws:policy\/(?:.*\/)?([^/]+)$/.exec(policyArn)?.[1];
  return name !== undefined && broadPolicies.includes(name)
    ? [`has the AWS policy ${name}, which gives every secret of the account: name the secrets in a policy of its own`]
    : [];
}

/** What is open in who may take the role through an OIDC provider. */
export function trustProblems(statements: readonly Statement[]): string[] {
  return statements
    .filter(({ isAllow }) => isAllow)
    .flatMap((statement) =>
      statement.federated.flatMap((provider) => {
        const issuer = /:oidc-provider\/(.+)$/.exec(provider)?.[1];
        if (issuer === undefined) return [];
        const missing = [
          ["aud", "audience"],
          ["sub", "subject"],
        ].filter(([claim]) => !isPinned(statement, `${issuer}:${claim}`.toLowerCase()));
        return missing.map(
          ([claim, word]) =>
            `trusts the OIDC provider ${issuer} without pinning the ${word}: add StringEquals ${issuer}:${claim}`,
        );
      }),
    );
}

/** Operators that hold only where the key is there; `…IfExists` and `ForAllValues:` hold without it. */
const pinning = ["StringEquals", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike"];

function isPinned(statement: Statement, key: string): boolean {
  return pinning.some((operator) => {
    const values = statement.conditions[operator]?.[key] ?? [];
    return (
      values.length > 0 && values.every((value) => value !== "" && (!operator.endsWith("Like") || !/[*?]/.test(value)))
    );
  });
}
