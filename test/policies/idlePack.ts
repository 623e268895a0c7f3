import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packFolder } from "./analyzer";

/** Makes a pack of policies that return at once, to measure what Pulumi itself takes to ask a pack. @returns its folder */
export function idlePack(parent: string, policies: number): string {
  const folder = join(parent, `idle-pack-${policies}`);
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  symlinkSync(join(packFolder, "../node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "idle", version: "1.0.0", main: "index.js" }));
  writeFileSync(
    join(folder, "index.js"),
    `const { PolicyPack } = require("@pulumi/policy");
const policy = (_, i) => ({
  name: "idle-" + i,
  description: "Returns at once",
  enforcementLevel: "mandatory",
  validateResource: () => {},
  // As many of the stack as the pack has.
  ...(i < 3 && { validateStack: () => {} }),
});
new PolicyPack("idle", { policies: Array.from({ length: ${policies} }, policy) });
`,
  );
  return folder;
}
