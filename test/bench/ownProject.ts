import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
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

interface Settings {
  readonly secretsprovider?: string;
  readonly encryptedkey?: string;
  readonly config: DevConfig;
}

/** Writes the stack's settings: those of the development stack, with changes, and the key that a stack has. */
export function writeSettings(folder: string, stack: string, change: (config: DevConfig) => object = () => ({})): void {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const { secretsprovider, encryptedkey } = existsSync(file) ? settingsIn(file) : ({} as Partial<Settings>);
  const dev = settingsIn(join(repository, "Pulumi.dev.yaml"));
  // The policies are as strict as they are in development.
  const config = { ...dev.config, "secret-rotation:environment": "dev", ...change(dev.config) };
  // JSON is YAML, too.
  writeFileSync(file, JSON.stringify({ secretsprovider, encryptedkey, config }));
}

function settingsIn(file: string): Settings {
  return loadYaml<Settings>(readFileSync(file, "utf8"));
}
