import { z } from "zod";
import { projectName } from "../names";
import { type AccessDeclaration, accessSchema, problemsOfAccess } from "./accessSchema";
import { type AlarmsDeclaration, alarmsSchema } from "./alarmsSchema";
import { type AuditDeclaration, auditSchema } from "./auditSchema";
import { type BackupDeclaration, backupSchema } from "./backupSchema";
import type { ConsumerKinds } from "./consumerKind";
import { type NotifyDeclaration, notifySchema } from "./notifySchema";
import { type OperatorsDeclaration, operatorsSchema } from "./operatorsSchema";
import { parseSecret } from "./parseSecret";
import { type Problem, problemsOf } from "./problem";
import { type ProviderSettings, providerSettings } from "./providerSchema";
import type { Rotators } from "./rotator";
import { problemsBetween } from "./rules";
import { type ScheduleDeclaration, scheduleSchema } from "./scheduleSchema";
import type { SecretDeclaration } from "./secretSchema";
import { type SecretStoreConfig, secretStoreOf, secretStoreSchema } from "./secretStoreSchema";
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
  readonly secretStore: SecretStoreConfig;
  /** The kinds of secret that this stack knows. */
  readonly rotators: Rotators;
  readonly consumerKinds: ConsumerKinds;
  readonly secrets: readonly SecretDeclaration[];
  /** Files beside the stack's own that declare secrets; their paths begin in the project's folder. */
  readonly secretFiles: readonly string[];
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
  /** What the stack installs in the cluster; undefined: nothing. */
  readonly operators: OperatorsDeclaration | undefined;
}

/** `dev` of `dev`, `organization/dev` and `organization/secret-rotation/dev`. */
export function stackNameOf(named: string): string {
  return named.slice(named.lastIndexOf("/") + 1);
}

/** A file that declares secrets. */
export interface SecretFile {
  /** As `secretFiles` has it. */
  readonly path: string;
  /** Not yet validated. */
  readonly secrets: readonly unknown[];
}

/** What the configuration names, read from files. */
export interface NamedFiles extends Pick<StackConfig, "rotators" | "consumerKinds"> {
  readonly secretFiles: readonly SecretFile[];
  /** What is wrong with them. */
  readonly problems: readonly Problem[];
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
  secretStore: secretStoreSchema.optional(),
  /** Read before: what comes of it is handed over. */
  rotators: z.unknown().optional(),
  secrets: z.array(z.unknown()).default([]),
  /** As the rotators. */
  secretFiles: z.unknown().optional(),
  mayDelete: z.array(z.string().min(1)).default([]),
  audit: z.unknown().optional(),
  backup: z.unknown().optional(),
  access: z.unknown().optional(),
  schedule: z.unknown().optional(),
  notify: z.unknown().optional(),
  alarms: z.unknown().optional(),
  operators: z.unknown().optional(),
});

/**
 * Validates the stack's configuration; the program and the driver both start here. What is wrong is corrected in
 * Pulumi.<stack>.yaml, which goes before Pulumi.yaml.
 *
 * @param named  the stack, with or without its organization and project
 * @param values  the configuration's values by their full key (`aws:region`, `secret-rotation:secrets`), objects parsed
 * @param read  the kinds of secret, and of consumers, that there are, and the secrets that are declared in files of their own
 * @throws {ConfigurationError} with every problem at once
 */
export function parseStackConfig(
  named: string,
  values: Readonly<Record<string, unknown>>,
  read: NamedFiles,
): StackConfig {
  const { rotators, consumerKinds, secretFiles } = read;
  const stack = stackNameOf(named);
  const { settings, problems } = providerSettings(values);
  problems.push(...read.problems);
  const prefix = `${projectName}:`;
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values).filter(([key]) => key.startsWith(prefix))) {
    const path = key.slice(prefix.length);
    if (value === encrypted) problems.push({ path, message: inTheClear });
    else own[path] = value;
  }
  const parsed = stackSchema.safeParse(own);
  if (!parsed.success) problems.push(...problemsOf(parsed.error, ""));
  const located: { at: string; secret: SecretDeclaration }[] = [];
  const declared = { path: "secrets", secrets: Array.isArray(own.secrets) ? own.secrets : [] };
  for (const { path, secrets } of [declared, ...secretFiles]) {
    for (const [index, raw] of secrets.entries()) {
      const at = `${path}[${index}]`;
      const result = parseSecret(raw, read, at);
      if (result.secret) located.push({ at, secret: result.secret });
      problems.push(...result.problems);
    }
  }
  problems.push(...problemsBetween(located, rotators));
  if (parsed.data?.secretStore?.make === false && parsed.data.serviceAccount !== undefined) {
    problems.push({
      path: "serviceAccount",
      message: "goes with a store of the stack's own: the one that secretStore names has its own",
    });
  }
  const audit = auditSchema.optional().safeParse(own.audit);
  if (!audit.success) problems.push(...problemsOf(audit.error, "audit"));
  const backup = backupSchema.optional().safeParse(own.backup);
  if (!backup.success) problems.push(...problemsOf(backup.error, "backup"));
  const operators = operatorsSchema.optional().safeParse(own.operators);
  if (!operators.success) problems.push(...problemsOf(operators.error, "operators"));
  const access = accessSchema.optional().safeParse(own.access);
  const secrets = located.map(({ secret }) => secret);
  if (!access.success) problems.push(...problemsOf(access.error, "access"));
  else if (access.data) {
    const { serviceAccount } = parsed.data ?? {};
    const isInstalled = operators.data?.externalSecrets !== undefined;
    problems.push(...problemsOfAccess(access.data, { secrets, serviceAccount, isInstalled }));
  }
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
    secretStore: secretStoreOf(parsed.data.secretStore, stack),
    rotators,
    consumerKinds,
    secrets,
    secretFiles: secretFiles.map(({ path }) => path),
    mayDelete: parsed.data.mayDelete,
    audit: audit.data,
    backup: backup.data,
    access: access.data,
    schedule: schedule.data,
    notify: notify.data,
    alarms: alarms.data,
    operators: operators.data,
  };
}
