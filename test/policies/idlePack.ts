import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packFolder } from "./analyzer";

const program = `const { PolicyPack } = require("@pulumi/policy");
const policy = { description: "Returns at once", enforcementLevel: "mandatory" };
const policies = [{ ...policy, name: "idle", validateResource: () => {}, validateStack: () => {} }];
new PolicyPack("idle", { policies });
`;

/** Makes a pack of one policy that returns at once, to measure what Pulumi itself takes to ask a pack. @returns its folder */
export function idlePack(parent: string): string {
  const folder = join(parent, "idle-pack");
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  symlinkSync(join(packFolder, "../node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "idle", version: "1.0.0", main: "index.js" }));
  writeFileSync(join(folder, "index.js"), program);
  return folder;
}
