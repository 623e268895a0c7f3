import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "./cacheDirectory";
import type { Task } from "./progress";
import { findOnPath, run } from "./run";

export interface ProviderPlugin {
  readonly name: string;
  readonly version: string;
}

const host = "https://get.pulumi.com";
const reachableMs = 3000;
const installMs = 10 * 60_000;

/** The versions that the SDK packages in node_modules ask for. */
export function neededPlugins(): ProviderPlugin[] {
  return ["aws", "kubernetes"].map((name) => {
    const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
    return { name, version };
  });
}

/** The folders in which Pulumi looks for the plugins of this user. */
function pluginsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
}

function installedPlugin({ name, version }: ProviderPlugin): boolean {
  const binary = `pulumi-resource-${name}`;
  return existsSync(join(pluginsFolder(), `resource-${name}-v${version}`, binary)) || findOnPath(binary) !== undefined;
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
 * True if the real provider plugins are there, after a try to download them where that may work. A try that failed is
 * remembered per version, so that the next start does not wait for it again.
 * @returns the folder of the plugins, or undefined: then the stand-ins are needed
 */
export async function realPlugins(pulumi: string, begin: (title: string) => Task): Promise<string | undefined> {
  const plugins = neededPlugins();
  if (plugins.every(installedPlugin)) return pluginsFolder();
  const label = plugins.map(({ name, version }) => `${name}-${version}`).join("_");
  const refusal = join(cacheDirectory(), `plugins-${label}.unavailable`);
  if (existsSync(refusal)) return undefined;
  const task = begin("downloading Pulumi's provider plugins (one try)");
  try {
    if (!(await canDownload())) throw new Error(`${host} cannot be reached`);
    for (const { name, version } of plugins) {
      task.note(`${name} ${version}`);
      const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
      await run(pulumi, ["plugin", "install", "resource", name, `v${version}`], { env, timeoutMs: installMs });
    }
    task.done();
    return pluginsFolder();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.skip(`not possible, so the stand-ins are used (remove ${refusal} to try again)`);
    await mkdir(cacheDirectory(), { recursive: true });
    await writeFile(refusal, `${reason}\n`);
    return undefined;
  }
}
