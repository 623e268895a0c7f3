import type { PolicyStatement } from "./policyDocument";

/** A KMS key as people name it. */
export type Key =
  | { readonly kind: "alias"; readonly alias: string }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "arn"; readonly arn: string };

/** @param text  an alias (`alias/shop`), an id, or the ARN of a key or an alias */
export function keyOf(text: string): Key {
  const alias = /(?:^|:)(alias\/.+)$/.exec(text)?.[1];
  if (alias !== undefined) return { kind: "alias", alias };
  return text.startsWith("arn:") ? { kind: "arn", arn: text } : { kind: "id", id: text };
}

interface Use {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly conditions?: NonNullable<PolicyStatement["Condition"]>;
}

interface Place {
  readonly region: string;
  readonly account: string;
}

/**
 * The statements that allow the use of these keys. IAM does not take an alias as a resource: a condition names it.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
export function keyStatements(
  keys: readonly Key[],
  { region, account }: Place,
  { sid, actions, conditions }: Use,
): PolicyStatement[] {
  const prefix = `arn:aws:kms:${region}:${account}:key/`;
  const arns = keys.flatMap((key) =>
    key.kind === "arn" ? [key.arn] : key.kind === "id" ? [`${prefix}${key.id}`] : [],
  );
  const aliases = keys.flatMap((key) => (key.kind === "alias" ? [key.alias] : []));
  const allow = { Effect: "Allow", Action: actions } as const;
  return [
    ...(arns.length > 0 ? [{ Sid: sid, ...allow, Resource: arns, ...(conditions && { Condition: conditions }) }] : []),
    ...(aliases.length > 0
      ? [
          {
            Sid: `${sid}ByAlias`,
            ...allow,
            Resource: `${prefix}*`,
            Condition: { ...conditions, "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases } },
          },
        ]
      : []),
  ];
}
