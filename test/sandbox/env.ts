import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { nodeFirst, type SandboxPaths } from "./paths";
import { writeAtomically } from "./process/atomicFile";

const variable = /^export ([A-Z0-9_]+)='((?:[^']|'\\'')*)'(:"\$PATH")?$/;

const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/** What a shell needs to work with the sandbox as with the real thing. PATH is what comes before the shell's own. */
export interface SandboxSettings {
  readonly aws: Readonly<Record<string, string>>;
  readonly postgres: { readonly port: number; readonly password: string; readonly certificate: string | undefined };
  readonly database: string;
  /** `aws:PORT,kubernetes:PORT` of the stand-ins; undefined when the real provider plugins are used. */
  readonly debugProviders: string | undefined;
}

/** Where and how AWS is reached. The credentials are made up: moto takes any. */
export function awsEnvironment(port: number) {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "sandbox",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
  } as const;
}

/** Of programs in Go, most of which live for less than a second: a fifth of their time is the garbage collector's. */
export const fewCollections = { GOGC: "400" } as const;

/** Writes the file that a person sources and that tests read. */
export function writeEnvironment(paths: SandboxPaths, settings: SandboxSettings): void {
  const { postgres } = settings;
  const values: Record<string, string> = {
    ...settings.aws,
    KUBECONFIG: paths.kubeconfig,
    PGHOST: "127.0.0.1",
    PGPORT: String(postgres.port),
    PGUSER: "postgres",
    PGPASSWORD: postgres.password,
    PGDATABASE: settings.database,
    ...(postgres.certificate && { PGSSLROOTCERT: postgres.certificate }),
    // Without the backend's files of metadata, which a kill may leave cut off: no command could read the state then.
    ...fewCollections,
    PULUMI_BACKEND_URL: `file://${paths.pulumiState}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "sandbox",
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    ...(settings.debugProviders && { PULUMI_DEBUG_PROVIDERS: settings.debugProviders }),
    SECRET_ROTATION_SANDBOX_DIR: paths.dir,
  };
  const lines = Object.entries(values).map(([name, value]) => `export ${name}=${quote(value)}`);
  lines.unshift(`export PATH=${quote([paths.bin, nodeFirst(undefined)].join(delimiter))}:"$PATH"`);
  writeAtomically(paths.env, `${lines.join("\n")}\n`);
}

/**
 * The variables in a sandbox's env file, PATH completed with this process's own.
 * @throws Error if there is no such file, that is, no sandbox runs there
 */
export function readEnvironment(dir: string, path = process.env.PATH ?? ""): Record<string, string> {
  const file = join(dir, "env");
  if (!existsSync(file)) throw new Error(`${file} is not there: start the sandbox with \`npm run sandbox\``);
  const env: Record<string, string> = {};
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const [, name, value, appendsPath] = variable.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`${file} has a line that is no export: ${line}`);
    env[name] = value.replaceAll("'\\''", "'") + (appendsPath ? `:${path}` : "");
  }
  return env;
}
