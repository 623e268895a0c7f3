import type { PropertyMap, PropertyValue } from "../provider/propertyValues";
import type { CheckFailure } from "../provider/provider";

/** An input property, in Terraform's terms, from which checks, diffs and previews follow. */
export interface PropertySchema {
  readonly required?: true;
  /** A change replaces the resource. */
  readonly forceNew?: true;
  /** AWS chooses it where the program leaves it out. */
  readonly computed?: true;
  /** Taken by the API and recorded nowhere but in the inputs: no output, no difference. */
  readonly writeOnly?: true;
  /** The order of the list means nothing. */
  readonly set?: true;
  readonly default?: PropertyValue;
  /** Of a text: one spelling for all that say the same. */
  readonly normal?: (text: string) => string;
  /** Named after the resource where the program leaves it out, and the other property too. */
  readonly autonamed?: { readonly unless: string };
}

export interface Schema {
  readonly inputs: Readonly<Record<string, PropertySchema>>;
  /** What exists only as an output. */
  readonly outputs: readonly string[];
  validate?(inputs: PropertyMap): CheckFailure[];
}
