import { z } from "zod";
import { ownSecretStoreName, projectName } from "../names";
import { type AccessDeclaration, accessSchema, problemsOfAccess } from "./accessSchema";
import { type AlarmsDeclaration, alarmsSchema } from "./alarmsSchema";
import { type AuditDeclaration, auditSchema } from "./auditSchema";
import { type BackupDeclaration, backupSchema } from "./backupSchema";
import { type NotifyDeclaration, notifySchema } from "./notifySchema";
import { type Problem, problemsOf } from "./problem";
import { type ProviderSettings, providerSettings } from "./providerSchema";
import { problemsBetween, problemsOfSecret } from "./rules";
import { type ScheduleDeclaration, scheduleSchema } from "./scheduleSchema";
import { kubernetesName, type SecretDeclaration, secretSchema } from "./secretSchema";
import { encrypted } from "./values";

/** The validated configuration of one stack. */
export interface StackConfig extends ProviderSettings {
  /** The name alone, as it is in URNs. */
  readonly stack: string;
  /** The name as it was given, for commands: of `organization/project/stack` all that was said. */
  readonly named: string;
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
  /** The roles that the stack makes; undefined: none. */
  readonly access: AccessDeclaration | undefined;
  /** When scheduled runs may rotate; undefined: at any time. */
  readonly schedule: ScheduleDeclaration | undefined;
  /** Undefined: nobody is told of a run. */
  readonly notify: NotifyDeclaration | undefined;
  /** Undefined: no alarms are made, and no metrics published. */
  readonly alarms: AlarmsDeclaration | undefined;
}

/** `dev` of `dev`, `organization/dev` and `organization/secret-rotation/dev`. */
export function stackNameOf(named: string): string {
  return named.slice(named.lastIndexOf("/") + 1);
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

const inTheClear = "holds an encrypted value, which the driver does not decrypt: write all of it in the clear";
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
  access: z.unknown().optional(),
  schedule: z.unknown().optional(),
  notify: z.unknown().optional(),
  alarms: z.unknown().optional(),
});

/**
 * Validates the stack's configuration; the program and the driver both start here. What is wrong is corrected in
 * Pulumi.<stack>.yaml, which goes before Pulumi.yaml.
 *
 * @param named  the stack, with or without its organization and project
 * @param values  the configuration's values by their full key (`aws:region`, `secret-rotation:secrets`), objects parsed
 * @throws {ConfigurationError} with every problem at once
 */
export function parseStackConfig(named: string, values: Readonly<Record<string, unknown>>): StackConfig {
  const stack = stackNameOf(named);
  const { settings, problems } = providerSettings(values);
  const prefix = `${projectName}:`;
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values).filter(([key]) => key.startsWith(prefix))) {
    const path = key.slice(prefix.length);
    if (value === encrypted) problems.push({ path, message: inTheClear });
    else own[path] = value;
  }
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
  const access = accessSchema.optional().safeParse(own.access);
  const secrets = located.map(({ secret }) => secret);
  if (!access.success) problems.push(...problemsOf(access.error, "access"));
  else if (access.data) problems.push(...problemsOfAccess(access.data, secrets, parsed.data?.serviceAccount));
  const schedule = scheduleSchema.optional().safeParse(own.schedule);
  if (!schedule.success) problems.push(...problemsOf(schedule.error, "schedule"));
  const notify = notifySchema.optional().safeParse(own.notify);
  if (!notify.success) problems.push(...problemsOf(notify.error, "notify"));
  const alarms = alarmsSchema.optional().safeParse(own.alarms);
  if (!alarms.success) problems.push(...problemsOf(alarms.error, "alarms"));
  const topicRegion = alarms.data?.topic?.split(":")[3];
  if (topicRegion !== undefined && settings.region && topicRegion !== settings.region) {
    const message = `is in ${topicRegion}: CloudWatch tells topics of the alarms' own region alone, ${settings.region}`;
    problems.push({ path: "alarms.topic", message });
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(`Pulumi.${stack}.yaml`, problems);
  return {
    stack,
    named,
    environment: parsed.data.environment ?? stack,
    ...settings,
    serviceAccount: parsed.data.serviceAccount,
    secretStore: parsed.data.secretStore
      ? { ...parsed.data.secretStore, own: false }
      : { kind: "SecretStore", name: ownSecretStoreName(stack), own: true },
    secrets,
    mayDelete: parsed.data.mayDelete,
    audit: audit.data,
    backup: backup.data,
    access: access.data,
    schedule: schedule.data,
    notify: notify.data,
    alarms: alarms.data,
  };
}
