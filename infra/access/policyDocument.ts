/** An IAM policy, as AWS takes it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  /** By operator, by condition key. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function policyDocument(statements: readonly (PolicyStatement | undefined)[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements.filter((statement) => statement !== undefined) };
}

/** The characters of a document that count towards IAM's limit: white space does not. */
export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}
