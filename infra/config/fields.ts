import { z } from "zod";

/** One field of a declaration, for people. */
export interface Field {
  readonly name: string;
  /** What it takes, with its unit and bounds, e.g. `duration, 0s to 30d`. */
  readonly takes: string;
  /** As it would be written; undefined: it has none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
}

type Json = z.core.JSONSchema.JSONSchema;

/** What a schema's fields are, by the schema itself. */
export function fieldsOf(schema: z.ZodObject): Field[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema);
  return Object.entries(schema.shape).map(([name, field]) => {
    const property = properties[name] as Json;
    const { default: byDefault } = property;
    return {
      name,
      takes: takenBy(property),
      default:
        byDefault === undefined ? undefined : typeof byDefault === "string" ? byDefault : JSON.stringify(byDefault),
      required: required.includes(name),
      meaning: (field as z.ZodType).description ?? "",
    };
  });
}

/** As whoever writes a declaration sees it. What a schema checks by code is not in it. */
export function jsonSchemaOf(schema: z.ZodObject): Json {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

function takenBy({ type, enum: choice, const: only, items, format, ...rest }: Json): string {
  if (only !== undefined) return String(only);
  if (choice) return choice.join(" | ");
  if (format === "duration") return `duration, ${rest.bounds}`;
  if (type === "array") return `list of ${takenBy(items as Json)}`;
  if (type === "object") return "block";
  const { minimum, maximum } = rest;
  const kind = type === "integer" ? "whole number" : type === "string" ? "text" : String(type ?? "any");
  return minimum === undefined && maximum === undefined ? kind : `${kind}, ${minimum ?? ""} to ${maximum ?? ""}`;
}
