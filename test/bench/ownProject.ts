import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadYaml } from "@kubernetes/client-node";
import { repository } from "../sandbox/paths";

/** The values of Pulumi.dev.yaml by their full key. */
export type DevConfig = Readonly<Record<string, unknown>> & { readonly "secret-rotation:secrets": readonly object[] };

/** A project folder with the same program and a stack of its own, so that none of the repository's files is touched. */
export function ownProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "secret-rotation-bench-"));
  const copied = ["Pulumi.yaml", "package.json", "tsconfig.json"];
  for (const file of copied) cpSync(join(repository, file), join(folder, file));
  for (const shared of ["infra", "rotation", "policies", "node_modules"])
    symlinkSync(join(repository, shared), join(folder, shared));
  return folder;
}

/** Writes the stack's settings: those of the development stack, with changes. */
export function writeSettings(folder: string, stack: string, change: (config: DevConfig) => object): void {
  const dev = loadYaml<{ config: DevConfig }>(readFileSync(join(repository, "Pulumi.dev.yaml"), "utf8"));
  // The policies are as strict as they are in development.
  const config = { ...dev.config, "secret-rotation:environment": "dev", ...change(dev.config) };
  // JSON is YAML, too.
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), JSON.stringify({ ...dev, config }));
}
