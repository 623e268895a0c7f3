/** The subset of JSON Schema in which the policies describe their configuration; the engine checks it at start. */
export interface JsonSchema {
  readonly type?: "string" | "integer" | "object" | "array" | "boolean";
  readonly description?: string;
  readonly default?: string | number | boolean | string[];
  readonly enum?: string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: { [name: string]: JsonSchema };
  readonly required?: string[];
  readonly additionalProperties?: JsonSchema | false;
}
export type JsonSchemas = { [key: string]: JsonSchema };

const day: JsonSchema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "Last day, UTC" };
const reason: JsonSchema = { type: "string", minLength: 1, description: "Why, for whoever reads the report" };

function waiver(description: string): JsonSchema {
  return {
    type: "object",
    description,
    properties: { reason, until: day },
    required: ["reason", "until"],
    additionalProperties: false,
  };
}

export const loweredWaiver = waiver("Lets the level be lower than by default for a while: reason, until");

/** What every policy takes: exceptions by name, being disabled, and a lower level, each with a reason and an end. */
export function waivers(named: "secret" | "resource"): JsonSchemas {
  return {
    exceptions: {
      type: "array",
      description: `What this policy lets pass: ${named}, reason, until`,
      items: {
        type: "object",
        properties: { [named]: { type: "string", minLength: 1 }, reason, until: day },
        required: [named, "reason", "until"],
        additionalProperties: false,
      },
    },
    disabled: waiver("Turns the policy off for a while: reason, until"),
    lowered: loweredWaiver,
  };
}

export function days(
  description: string,
  value: number,
  bounds: { minimum?: number; maximum?: number } = {},
): JsonSchema {
  return { type: "integer", description, default: value, minimum: 0, maximum: 3650, ...bounds };
}

export function names(description: string): JsonSchema {
  return { type: "array", description, items: { type: "string", minLength: 1 } };
}

/** Of no type, so that the pack says itself what is wrong with one that is not the driver's. */
export const rotatingNow: JsonSchema = { description: "For the driver alone: what this run rotates" };
