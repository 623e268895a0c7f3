import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Recipe } from "./cache";
import { goBuild } from "./goBuild";
import { findOnPath, run } from "./run";

const version = "3.255.0";
const [, oldestMinor] = version.split(".").map(Number) as [number, number, number];

/** The name of a file that says: this folder belongs to a sandbox, what is in it is no installation of Pulumi. */
export const sandboxMark = ".secret-rotation-sandbox";

/**
 * The Pulumi engine and command line, from the sources that pulumi/go.mod pins; without the word lists by which `config set`
 * estimates how hard a password is to guess (pulumi/zxcvbn): reading them is half the work of a start.
 */
export const pulumiRecipe: Recipe = {
  name: `pulumi-${version}-without-word-lists`,
  title: `building pulumi ${version} (once; about 4 minutes)`,
  async build(folder, task) {
    const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
    const packages = ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"];
    const ldflags = `-s -w -X ${variable}=v${version}`;
    await goBuild({ module: join(__dirname, "pulumi"), packages, output: join(folder, "pulumi"), ldflags }, task);
  },
};

export interface InstalledPulumi {
  readonly pulumi: string;
  readonly languageHost: string;
  readonly version: string;
}

/** A Pulumi on PATH that can do what is needed here: new enough, with its language host for Node.js. */
export async function pulumiOnPath(path = process.env.PATH): Promise<InstalledPulumi | undefined> {
  const skip = (folder: string) => existsSync(join(folder, sandboxMark));
  const pulumi = findOnPath("pulumi", path, skip);
  if (!pulumi) return undefined;
  const languageHost = findOnPath("pulumi-language-nodejs", `${dirname(pulumi)}:${path}`, skip);
  if (!languageHost) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const text = await run(pulumi, ["version"], { env, timeoutMs: 10_000 }).catch(() => "");
  const [major = 0, minor = 0] = text.trim().replace(/^v/, "").split(".").map(Number);
  return major === 3 && minor >= oldestMinor ? { pulumi, languageHost, version: text.trim() } : undefined;
}
