import { valueActions } from "./accessProblems";
import { covers, type Statement } from "./iam";

/** Condition keys that say who may; others, such as aws:SecureTransport, let anybody. */
const who = [
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceorgid",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:userid",
];
/** Operators that hold only where the key is there, and is one of the values. */
const holding = /^(ForAnyValue:)?(StringEquals(IgnoreCase)?|StringLike|ArnEquals|ArnLike)$/;

/**
 * What is too much in what a secret's own policy allows, each as the end of a sentence.
 *
 * @param account  of the secret; undefined where a preview does not know it: then no account is another one
 */
export function resourcePolicyProblems(statements: readonly Statement[], account: string | undefined): string[] {
  return statements.filter(isOpen).flatMap((statement) => {
    if (statement.isAllButPrincipals) return ["allows all principals but some (NotPrincipal): name those that may"];
    if (statement.principals.includes("*")) {
      return ["allows anybody (Principal *): name the roles that may, or add a condition such as aws:PrincipalOrgID"];
    }
    const accounts = statement.principals.map(accountOf).filter((id) => id !== undefined && id !== account);
    const others = account === undefined ? [] : [...new Set(accounts)];
    return others.map((id) => `allows another account, ${id}, without a condition: add one such as aws:PrincipalOrgID`);
  });
}

/** Whether it gives a value, or its current version, to whoever it names, without a condition on who that is. */
function isOpen({ isAllow, actions, allowsAllBut, conditions }: Statement): boolean {
  const gives =
    allowsAllBut.includes("NotAction") ||
    valueActions.some((action) => actions.some((pattern) => covers(pattern, action)));
  const isPinned = Object.entries(conditions).some(
    ([operator, keys]) => holding.test(operator) && who.some((key) => isNarrow(keys[key] ?? [])),
  );
  return isAllow && gives && !isPinned;
}

function isNarrow(values: readonly string[]): boolean {
  return values.length > 0 && values.every((value) => /[^*?]/.test(value));
}

/** `arn:aws:iam::123456789012:role/reader`, or the account's number alone. */
function accountOf(principal: string): string | undefined {
  return /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1];
}
