import { join } from "node:path";
import type { BenchContext, Benchmark, Figure } from "../benchmark";
import { inFreshClone } from "./freshClone";

const limitMinutes = 16;

export const benchmark: Benchmark = {
  name: "setUp",
  title: "All that the first command in a fresh clone installs and builds, from empty caches",
  timeoutSeconds: 3600,
  usesStand: false,
  byNameOnly: "a quarter of an hour",
  run,
};

async function run({ signal, say, remark }: BenchContext): Promise<Figure[]> {
  return inFreshClone(signal, async (clone, folder) => {
    const caches = ["XDG_CACHE_HOME", "GOCACHE", "GOMODCACHE", "PIP_CACHE_DIR"];
    const empty = Object.fromEntries(caches.map((name) => [name, join(folder, name)]));
    const env = { ...empty, GOFLAGS: "-modcacherw" }; // so that it can be removed
    const packages = await clone.run("node", ["test/install.mjs"]);
    say(`npm ci: ${packages.toFixed(1)} s`);
    const args = ["-r", "./policies/typescript.js", "test/sandbox/tools/main.ts"];
    const tools = await clone.run("node", args, { env, onLine: say });
    remark("npm's own cache is as it was");
    const minutes = (packages + tools) / 60;
    return [
      { what: "npm ci", measured: `${packages.toFixed(1)} s` },
      { what: "the sandbox's tools", measured: `${(tools / 60).toFixed(1)} min` },
      {
        what: "both",
        measured: `${minutes.toFixed(1)} min`,
        target: `at most ${limitMinutes} min`,
        met: minutes <= limitMinutes,
      },
    ];
  });
}
