import type { Step } from "../../steps";
import { bytesOf } from "../../values/externalSecrets";
import { namesIn } from "../../values/jsonDocument";
import { failure, type StrategyContext } from "../protocol";

/**
 * By key of the Kubernetes Secret: the bytes that External Secrets makes of the value.
 *
 * @throws {SECRET_MALFORMED} where it would refuse the value, without quoting that
 */
export function expectedData(
  context: Pick<StrategyContext, "secret">,
  step: Step,
  value: string,
): ReadonlyMap<string, Buffer> {
  const read = keysOf(context).map(({ key, property }) => ({ key, property, bytes: bytesOf(value, property) }));
  const missing = read.flatMap(({ property, bytes }) => (bytes === undefined ? [property] : []));
  if (missing.length > 0) throw lacking(context, step, value, missing.join(", "));
  return new Map(read.flatMap(({ key, bytes }) => (bytes ? [[key, bytes] as const] : [])));
}

/** Whether External Secrets brings the value into Kubernetes as externalSecret.keys say. */
export function isSyncable(context: Pick<StrategyContext, "secret">, value: string): boolean {
  return keysOf(context).every(({ property }) => bytesOf(value, property) !== undefined);
}

/**
 * Refuses a value that External Secrets would refuse, and notes what it finds there.
 *
 * @throws {SECRET_MALFORMED}
 */
export function syncable(context: StrategyContext, step: Step, value: string): void {
  expectedData(context, step, value);
  const properties = keysOf(context).flatMap(({ property = [] }) => property);
  if (properties.length > 0) context.findings.fact(`External Secrets finds ${properties.join(", ")} in the value`);
}

function keysOf({ secret }: Pick<StrategyContext, "secret">) {
  return secret.externalSecret?.keys ?? [];
}

function lacking({ secret }: Pick<StrategyContext, "secret">, step: Step, value: string, missing: string) {
  const names = namesIn(value);
  const what = names ? "the secret's JSON does not have" : "a value that is no JSON document cannot have";
  // What another kind of document has as a name may be secret itself.
  const has = names && secret.parameters ? `it has ${names.join(", ")}; ` : "";
  const hint = `correct them: ${has}or add them to the secret's value (aws secretsmanager put-secret-value)`;
  return failure({ secret }, step, "SECRET_MALFORMED", `externalSecret.keys name ${missing}, which ${what}`, { hint });
}
