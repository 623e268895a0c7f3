import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { installed, type Recipe } from "./cache";
import { cacheDirectory } from "./cacheDirectory";
import { goBuild } from "./goBuild";
import type { Task } from "./progress";
import { run } from "./run";

/** A provider plugin of Pulumi's own. */
export interface ProviderPlugin {
  readonly name: string;
  readonly version: string;
  /** With `pulumi-resource-<name>` in it. */
  readonly folder: string;
}

type Begin = (title: string) => Task;

const host = "https://get.pulumi.com";
const reachableMs = 3000;
const installMs = 10 * 60_000;

/** The version that the SDK package in node_modules asks for. */
function versionOf(name: string): string {
  return (require(`@pulumi/${name}/package.json`) as { version: string }).version;
}

/** Where `pulumi plugin install` puts the plugins of this user. */
function userFolder(name: string, version: string): string {
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  return join(home, "plugins", `resource-${name}-v${version}`);
}

async function canDownload(): Promise<boolean> {
  try {
    await fetch(host, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(reachableMs) });
    return true;
  } catch {
    return false;
  }
}

/**
 * The plugin that this user has, after a try to download it where that may work. A try that failed is remembered per
 * version, so that the next start does not wait for it again.
 */
async function downloaded(name: string, pulumi: string, begin: Begin): Promise<ProviderPlugin | undefined> {
  const version = versionOf(name);
  const plugin = { name, version, folder: userFolder(name, version) };
  if (existsSync(join(plugin.folder, `pulumi-resource-${name}`))) return plugin;
  const refusal = join(cacheDirectory(), `plugin-${name}-${version}.unavailable`);
  if (existsSync(refusal)) return undefined;
  const task = begin(`downloading Pulumi's provider ${name} ${version} (one try)`);
  try {
    if (!(await canDownload())) throw new Error(`${host} cannot be reached`);
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    await run(pulumi, ["plugin", "install", "resource", name, `v${version}`], { env, timeoutMs: installMs });
    task.done();
    return plugin;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.skip(`not possible (remove ${refusal} to try again)`);
    await mkdir(cacheDirectory(), { recursive: true });
    await writeFile(refusal, `${reason}\n`);
    return undefined;
  }
}

/** Pulumi's Kubernetes provider, from the sources that kubernetes-provider/go.mod pins. */
function kubernetesProviderRecipe(version: string): Recipe {
  return {
    name: `pulumi-kubernetes-${version}`,
    title: `building Pulumi's Kubernetes provider ${version} (once; about 8 minutes)`,
    async build(folder, task) {
      const module = join(__dirname, "kubernetes-provider");
      const output = join(folder, "pulumi-resource-kubernetes");
      await goBuild({ module, packages: ["."], output, ldflags: `-s -w -X main.version=${version}` }, task);
    },
  };
}

/** The real one everywhere: downloaded, or built. */
export async function kubernetesPlugin(pulumi: string, begin: Begin): Promise<ProviderPlugin> {
  const name = "kubernetes";
  const version = versionOf(name);
  return (
    (await downloaded(name, pulumi, begin)) ?? {
      ...{ name, version },
      folder: await installed(kubernetesProviderRecipe(version), begin),
    }
  );
}

/**
 * The real one only where it is asked for: it cannot use moto's buckets, whose host names do not resolve here.
 *
 * @returns undefined: the stand-in is used
 * @throws Error when SANDBOX_AWS_PLUGIN asks for what cannot be had
 */
export async function awsPlugin(pulumi: string, begin: Begin): Promise<ProviderPlugin | undefined> {
  const { SANDBOX_AWS_PLUGIN: wanted = "stand-in" } = process.env;
  if (wanted === "stand-in") return undefined;
  if (wanted !== "real") throw new Error(`SANDBOX_AWS_PLUGIN must be real or stand-in, is ${wanted}`);
  const plugin = await downloaded("aws", pulumi, begin);
  if (plugin) return plugin;
  throw new Error(
    `SANDBOX_AWS_PLUGIN=real, and Pulumi's provider aws ${versionOf("aws")} can neither be found nor downloaded: install it (pulumi plugin install resource aws), or leave the variable out`,
  );
}
