import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { parseSecret } from "../../infra/config/parseSecret";
import { strategyOf } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { ConfigurationError, type StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import { type Changes, declarationIn, editDeclaration, inline } from "../stack/editDeclaration";
import type { OpenStack } from "../stack/openStack";
import { declaringFiles } from "../stack/stackFile";

/** Who is to rotate a secret. */
export type Target = "native" | "driver";

export interface MigrationOptions {
  readonly to: Target;
  /** Of the driver; default: the first one of the kind. */
  readonly strategy?: string | undefined;
  /** The block `native`; undefined: as it is declared, or else as it is set in AWS. */
  readonly native?: object | undefined;
}

/** What a migration changes in the stack's configuration. */
export interface ConfigurationChange {
  /** E.g. Pulumi.prod.yaml. */
  readonly file: string;
  /** E.g. `shop/orders-db: strategy: native`; empty: it says so already. */
  readonly lines: readonly string[];
  readonly declaration: SecretDeclaration;
  /** The configuration as it will be. */
  readonly config: StackConfig;
  /** @throws {UsageError} when the file was changed meanwhile */
  write(): void;
  /** Writes what was there before. @throws {UsageError} as `write` */
  takeBack(): void;
}

/**
 * Finds out how the declaration of a secret changes, and touches nothing.
 *
 * @throws {UsageError} when it cannot be changed here
 * @throws {ConfigurationError} when the changed one would be wrong: with every mistake
 */
export async function configurationChange(
  open: OpenStack,
  secret: SecretDeclaration,
  options: MigrationOptions,
): Promise<ConfigurationChange> {
  const { config } = open;
  const changes = changesOf(secret, config, options);
  const lines = Object.entries(changes).map(([field, value]) =>
    value === undefined ? `${secret.name}: without ${field}` : `${secret.name}: ${field}: ${inline(value)}`,
  );
  const files = await declaringFiles(open);
  const found = files.find(({ text }) => declarationIn(text, secret.name)) ?? files[0];
  const raw = found && declarationIn(found.text, secret.name);
  const file = found ? relative(open.project, found.path) : `Pulumi.${config.stack}.yaml`;
  const text = found && raw && editDeclaration(found.text, secret.name, changes);
  if (!found || !raw || text === undefined) {
    throw new UsageError(
      `${file} does not declare ${secret.name} in a form that can be changed here. Change it where it is declared, then run the same command again:\n  ${lines.join("\n  ")}`,
    );
  }
  const kept = Object.entries({ ...raw, ...changes }).filter(([, value]) => value !== undefined);
  const { secret: declaration, problems } = parseSecret(Object.fromEntries(kept), config, secret.name);
  if (!declaration) throw new ConfigurationError(file, problems);
  const secrets = config.secrets.map((one) => (one === secret ? declaration : one));
  return {
    file,
    lines: text === found.text ? [] : lines.filter((_, i) => isChange(raw, Object.entries(changes)[i])),
    declaration,
    config: { ...config, secrets },
    write: () => replaceFile(found.path, file, found.text, text),
    takeBack: () => replaceFile(found.path, file, text, found.text),
  };
}

/** @throws {UsageError} when somebody has changed the file since: what they wrote stays */
function replaceFile(path: string, name: string, from: string, to: string): void {
  if (readFileSync(path, "utf8") !== from) {
    throw new UsageError(`${name} was changed meanwhile, and was left as it is: run the same command again`);
  }
  writeFileSync(path, to);
}

function isChange(raw: Readonly<Record<string, unknown>>, change: [string, unknown] | undefined): boolean {
  return change !== undefined && JSON.stringify(raw[change[0]]) !== JSON.stringify(change[1]);
}

function changesOf(
  secret: SecretDeclaration,
  { rotators }: StackConfig,
  { to, strategy, native }: MigrationOptions,
): Changes {
  const strategies = rotators.get(secret.kind)?.strategies ?? {};
  if (to === "native") {
    if (!Object.hasOwn(strategies, "native")) throw new UsageError(`kind ${secret.kind} has no strategy native`);
    return { strategy: "native", ...(native && { native }) };
  }
  const [byDefault = ""] = Object.keys(strategies);
  const chosen = strategy ?? byDefault;
  const own = Object.keys(strategies).filter(
    (name) => "steps" in strategyOf(rotators, { kind: secret.kind, strategy: name }),
  );
  if (!own.includes(chosen)) {
    const choice = own.length > 0 ? `choose from ${own.join(", ")}` : "it has none";
    throw new UsageError(`kind ${secret.kind} has no strategy ${chosen} by which the driver rotates it: ${choice}`);
  }
  return { strategy: chosen === byDefault ? undefined : chosen, native: undefined };
}
