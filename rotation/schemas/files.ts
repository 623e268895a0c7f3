import { join } from "node:path";
import { z } from "zod";
import { outputs } from "./outputs";

/** What the JSON Schema files are to be, e.g. `status.schema.json`. */
export function schemaFiles(): { readonly path: string; readonly text: string }[] {
  return Object.entries(outputs).map(([name, output]) => {
    const { $schema, ...schema } = z.toJSONSchema(output);
    const title = `rotation ${name} --json`.replace("dry-run", "rotate --dry-run");
    const text = `${JSON.stringify({ $schema, title, ...schema }, undefined, 2)}\n`;
    return { path: join(__dirname, `${name}.schema.json`), text };
  });
}
