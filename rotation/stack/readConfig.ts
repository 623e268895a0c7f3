import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LocalWorkspace } from "@pulumi/pulumi/automation";
import { type StackConfig, stackNameOf } from "../../infra/config/stackConfig";
import { configValues, encrypted } from "../../infra/config/values";
import { projectName } from "../../infra/names";
import { UsageError } from "../errors";
import { readStackConfig } from "../rotators/readStackConfig";

/**
 * The arguments by which `pulumi` prints the configuration as it gives it to the program: with the ESC environments opened, with
 * Pulumi.yaml's values, and without what is encrypted.
 */
export function configArguments(named: string): string[] {
  return ["config", "--json", "--open", "--non-interactive", "--stack", named];
}

/**
 * The configuration where the stack's own file is all there is of it: read here, as the CLI takes half a second to print it.
 *
 * @returns undefined: Pulumi.yaml, a folder or an environment has a part in it, or it has what YAML's readers do not agree on
 * @throws {ConfigurationError} with every problem at once
 */
export async function ofFileAlone(named: string, workspace: LocalWorkspace): Promise<StackConfig | undefined> {
  // What cannot be read, the CLI says better.
  const project = await workspace.projectSettings().catch(() => undefined);
  const stack = stackNameOf(named);
  if (!project || "config" in project || "stackConfigDir" in project) return undefined;
  if (!existsSync(join(workspace.workDir, `Pulumi.${stack}.yaml`))) return undefined;
  const settings: { config?: Record<string, unknown>; environment?: unknown } = await workspace
    .stackSettings(stack)
    .catch(() => ({}));
  const entries = Object.entries(settings.config ?? {});
  if (entries.length === 0 || settings.environment !== undefined) return undefined;
  if (!entries.every(([key, value]) => key.includes(":") && isPlain(value))) return undefined;
  const values = {
    ...Object.fromEntries(entries),
    ...configValues(
      entries.flatMap(([key, value]) => (typeof value === "object" ? [] : [[key, String(value)] as const])),
    ),
    ...Object.fromEntries(entries.flatMap(([key, value]) => (isEncrypted(value) ? [[key, encrypted]] : []))),
  };
  return readStackConfig(named, values, workspace.workDir);
}

/** Texts, and numbers that are small: of a date, a long number or a null each reader of YAML makes something else. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 100_000;
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  return value !== null && !(value instanceof Date) && Object.values(value).every(isPlain);
}

function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}

interface Printed {
  /** Of an object its JSON; missing where it is encrypted, or anything in it is. */
  readonly value?: string;
  readonly secret: boolean;
}

/**
 * @param printed  what `pulumi` printed
 * @throws {ConfigurationError} with every problem at once
 * @throws {UsageError} when the stack's file is not where it should be, and nothing else declares secrets
 */
export async function parsePrinted(named: string, printed: string, workspace: LocalWorkspace): Promise<StackConfig> {
  const entries = Object.entries(JSON.parse(printed) as Record<string, Printed>);
  const values = {
    ...configValues(entries.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const]))),
    ...Object.fromEntries(entries.flatMap(([key, { secret }]) => (secret ? [[key, encrypted]] : []))),
  };
  const isDeclared = ["secrets", "secretFiles"].some((key) => `${projectName}:${key}` in values);
  if (!isDeclared) await refuseMissing(named, workspace);
  return readStackConfig(named, values, workspace.workDir);
}

/** Without its file a stack would have no secrets, so that none of them would be rotated, and nobody told. */
async function refuseMissing(named: string, workspace: LocalWorkspace): Promise<void> {
  const project: { config?: unknown; stackConfigDir?: string } = await workspace.projectSettings();
  // The older word for it.
  const folder = project.stackConfigDir ?? (typeof project.config === "string" ? project.config : ".");
  const files = [".yaml", ".yml", ".json"].map((ext) => join(folder, `Pulumi.${stackNameOf(named)}${ext}`));
  if (files.some((file) => existsSync(join(workspace.workDir, file)))) return;
  throw new UsageError(`there is no ${files[0]}, and Pulumi.yaml declares no secrets: put the stack's file there`);
}

const unreadable =
  /^error: ((?:invalid (?:YAML|JSON) file|could not (?:unmarshal|validate)|backend \S+ does not support environments)[\s\S]*)/m;

/** What `pulumi` said in place of the configuration, as a mistake of whoever called it where it is one. */
export function refusedConfig(named: string, error: unknown): unknown {
  const said = (error as { stderr?: string }).stderr ?? "";
  if (/no stack named/.test(said)) return noStack(named);
  const [, reason] = unreadable.exec(said) ?? [];
  if (reason === undefined) return error;
  const file = `Pulumi.${stackNameOf(named)}.yaml`;
  return new UsageError(`the configuration cannot be read: ${reason.trim()}. Correct ${file}, or Pulumi.yaml`);
}

export function noStack(named: string): UsageError {
  return new UsageError(
    `the backend has no stack ${named}: name another by --stack, or make it by pulumi stack init ${named} and pulumi up --stack ${named}`,
  );
}
