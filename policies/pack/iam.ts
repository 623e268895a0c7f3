/** One statement of an IAM policy document, its lists as lists. */
export interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  /** NotAction or NotResource: it allows all but what it lists. */
  readonly allowsAllBut: readonly ("NotAction" | "NotResource")[];
  readonly resources: readonly string[];
  readonly federated: readonly string[];
  /** Of accounts (`AWS`), and `*`. */
  readonly principals: readonly string[];
  /** NotPrincipal: it allows all but those it lists. */
  readonly isAllButPrincipals: boolean;
  /** By operator, by condition key in lower case: the values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/**
 * Reads a policy document, as JSON text.
 *
 * @returns undefined where it is no JSON object
 */
export function statementsOf(document: string): Statement[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return undefined;
  }
  if (!isRecord(parsed)) return undefined;
  const statements = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
  return statements.filter(isRecord).map(statementOf);
}

function statementOf(raw: Readonly<Record<string, unknown>>): Statement {
  const all = (["NotAction", "NotResource"] as const).filter((key) => raw[key] !== undefined);
  return {
    isAllow: raw.Effect === "Allow",
    actions: listOf(raw.Action),
    allowsAllBut: all,
    resources: listOf(raw.Resource),
    federated: isRecord(raw.Principal) ? listOf(raw.Principal.Federated) : [],
    principals: listOf(isRecord(raw.Principal) ? raw.Principal.AWS : raw.Principal),
    isAllButPrincipals: raw.NotPrincipal !== undefined,
    conditions: Object.fromEntries(entriesOf(raw.Condition).map(([operator, keys]) => [operator, conditionOf(keys)])),
  };
}

function conditionOf(keys: unknown): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(entriesOf(keys).map(([key, values]) => [key.toLowerCase(), listOf(values)]));
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an action pattern such as `secretsmanager:Get*` covers an action; IAM does not look at the case. */
export function covers(pattern: string, action: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i").test(action);
}
