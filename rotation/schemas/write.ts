// Writes the JSON Schema files of the outputs: node -r ./policies/typescript.js rotation/schemas/write.ts
import { writeFileSync } from "node:fs";
import { schemaFiles } from "./files";

for (const { path, text } of schemaFiles()) writeFileSync(path, text);
