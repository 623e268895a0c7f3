import type { Node } from "jsonc-parser";
import type { Step } from "../../steps";
import { nodeAt } from "../../values/externalSecrets";
import { documentOf, type JsonDocument, withNode, withProperties } from "../../values/jsonDocument";
import { withoutDuplicates } from "../common/duplicates";
import { structureOf } from "../common/structure";
import { failure, type StrategyContext } from "../protocol";

/**
 * The current value of an application's secret with a new text: the text alone, or, where the declaration names a
 * property, the document with that one renewed. The rest of it stays byte for byte.
 *
 * @throws {SECRET_MALFORMED} where the new text would take more with it than it renews
 */
export function renewed(context: StrategyContext, step: Step, current: string | undefined, text: string): string {
  const { property } = context.secret;
  if (property === undefined) {
    if (current !== undefined) isOneSecret(context, step, "the current value", current);
    return text;
  }
  if (current === undefined) return first(property, text);
  const document = objectOf(context, step, current);
  const node = nodeAt(document, property);
  if (node === undefined) return added(context, step, property, current, text);
  if (node.type === "object" || node.type === "array") throw holdsMore(context, step, property, "a JSON document");
  const said = typeof node.value === "string" ? structureOf(node.value) : undefined;
  if (said !== undefined) throw holdsMore(context, step, property, said);
  return withNode(current, node, text);
}

/** Where the property stands in a document; undefined: the text is none, or has it not. */
export function ownNode(context: StrategyContext, text: string): Node | undefined {
  const { property } = context.secret;
  const document = documentOf(text);
  return document && property !== undefined ? nodeAt(document, property) : undefined;
}

/** Refuses a text that a single random text cannot take the place of. */
export function isOneSecret(context: StrategyContext, step: Step, name: string, text: string): void {
  const structure = structureOf(text);
  if (structure === undefined) return;
  const message = `${name} is ${structure}, and would be replaced as a whole`;
  const put = "put a single text into the secret first (aws secretsmanager put-secret-value)";
  const names = "name the property that is renewed in the secret's declaration (property: NAME), the rest then stays";
  const isDocument = structure === "a JSON document" && context.secret.strategy === "simple";
  throw failure(context, step, "SECRET_MALFORMED", message, { hint: isDocument ? `${names}; or ${put}` : put });
}

function first(property: string, text: string): string {
  return JSON.stringify(property.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), text));
}

function objectOf(context: StrategyContext, step: Step, current: string): JsonDocument {
  const document = documentOf(current);
  if (document?.root.type !== "object") {
    const message = `the current value is no JSON object, so that it has no property ${context.secret.property} to renew`;
    const hint =
      "put the document into the secret first (aws secretsmanager put-secret-value), or take property out of its declaration";
    throw failure(context, step, "SECRET_MALFORMED", message, { hint });
  }
  withoutDuplicates(context, step, "the current value", current);
  return document;
}

/** A name that externalSecret.keys ask for as well is no slip. */
function added(context: StrategyContext, step: Step, property: string, current: string, text: string): string {
  const isAsked = context.secret.externalSecret?.keys.some((key) => key.property === property);
  if (isAsked && !property.includes(".")) {
    context.findings.fact(`the document gets a property ${property}, which it does not have yet`);
    return withProperties(current, { [property]: text });
  }
  const message = `the current value has no property ${property} to renew`;
  const hint = "correct property in the secret's declaration, or add it to the document first, with any text";
  throw failure(context, step, "SECRET_MALFORMED", message, { hint });
}

function holdsMore(context: StrategyContext, step: Step, property: string, what: string) {
  const message = `the property ${property} of the current value is ${what}, and would be replaced as a whole`;
  const hint = "name the property within it that is renewed (property: OUTER.INNER), or put a text in its place";
  return failure(context, step, "SECRET_MALFORMED", message, { hint });
}
