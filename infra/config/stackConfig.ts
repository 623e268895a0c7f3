import { z } from "zod";
import { ownSecretStoreName, projectName } from "../names";
import { type AuditDeclaration, auditSchema } from "./auditSchema";
import { type BackupDeclaration, backupSchema } from "./backupSchema";
import { type Problem, problemsOf } from "./problem";
import { type ProviderSettings, providerSettings } from "./providerSchema";
import { problemsBetween, problemsOfSecret } from "./rules";
import { kubernetesName, type SecretDeclaration, secretSchema } from "./secretSchema";

/** The validated configuration of one stack. */
export interface StackConfig extends ProviderSettings {
  readonly stack: string;
  /** Prefix of every secret's full name; default: the stack's name. */
  readonly environment: string;
  /** Service account that External Secrets assumes for AWS (IRSA); without it the operator's own credentials. */
  readonly serviceAccount: string | undefined;
  /** Through which External Secrets reads. `own`: the stack makes it in every namespace; else it is there already. */
  readonly secretStore: {
    readonly kind: "SecretStore" | "ClusterSecretStore";
    readonly name: string;
    readonly own: boolean;
  };
  readonly secrets: readonly SecretDeclaration[];
  /** Full names in Secrets Manager of secrets that `pulumi up` may delete or replace though they have a value. */
  readonly mayDelete: readonly string[];
  /** Where the record of every run goes; undefined: nowhere. */
  readonly audit: AuditDeclaration | undefined;
  /** Undefined: nothing is backed up. */
  readonly backup: BackupDeclaration | undefined;
}

/** The configuration is wrong: every problem is listed, each with its path. */
export class ConfigurationError extends Error {
  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
  ) {
    const s = problems.length === 1 ? "" : "s";
    super(
      `${file} has ${problems.length} problem${s}:\n${problems.map((p) => `  ${p.path}: ${p.message}`).join("\n")}`,
    );
    this.name = "ConfigurationError";
  }
}

const environmentPattern = /^[a-zA-Z0-9_-]{1,32}$/;
const stackSchema = z.strictObject({
  environment: z.string().regex(environmentPattern, "must be at most 32 letters, digits, _ and -").optional(),
  serviceAccount: z.string().min(1).optional(),
  secretStore: z
    .strictObject({ kind: z.enum(["SecretStore", "ClusterSecretStore"]).default("SecretStore"), name: kubernetesName })
    .optional(),
  secrets: z.array(z.unknown()).default([]),
  mayDelete: z.array(z.string().min(1)).default([]),
  audit: z.unknown().optional(),
  backup: z.unknown().optional(),
});

/**
 * Validates what Pulumi.<stack>.yaml says; the program and the driver both start here.
 *
 * @param values  the configuration's values by their full key (`aws:region`, `secret-rotation:secrets`), objects parsed
 * @throws {ConfigurationError} with every problem at once
 */
export function parseStackConfig(stack: string, values: Readonly<Record<string, unknown>>): StackConfig {
  const { settings, problems } = providerSettings(values);
  const prefix = `${projectName}:`;
  const entries = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  const own = Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
  const parsed = stackSchema.safeParse(own);
  if (!parsed.success) problems.push(...problemsOf(parsed.error, ""));
  const located: { index: number; secret: SecretDeclaration }[] = [];
  for (const [index, raw] of (Array.isArray(own.secrets) ? own.secrets : []).entries()) {
    const at = `secrets[${index}]`;
    const result = secretSchema.safeParse(raw);
    if (result.success) located.push({ index, secret: result.data });
    problems.push(...(result.success ? problemsOfSecret(result.data, at) : problemsOf(result.error, at)));
  }
  problems.push(...problemsBetween(located));
  if (parsed.data?.secretStore && parsed.data.serviceAccount !== undefined) {
    problems.push({
      path: "serviceAccount",
      message: "goes with a SecretStore of the stack's own: the one that secretStore names has its own",
    });
  }
  const audit = auditSchema.optional().safeParse(own.audit);
  if (!audit.success) problems.push(...problemsOf(audit.error, "audit"));
  const backup = backupSchema.optional().safeParse(own.backup);
  if (!backup.success) problems.push(...problemsOf(backup.error, "backup"));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(`Pulumi.${stack}.yaml`, problems);
  return {
    stack,
    environment: parsed.data.environment ?? stack,
    ...settings,
    serviceAccount: parsed.data.serviceAccount,
    secretStore: parsed.data.secretStore
      ? { ...parsed.data.secretStore, own: false }
      : { kind: "SecretStore", name: ownSecretStoreName(stack), own: true },
    secrets: located.map(({ secret }) => secret),
    mayDelete: parsed.data.mayDelete,
    audit: audit.data,
    backup: backup.data,
  };
}
