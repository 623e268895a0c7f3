import { join } from "node:path";
import type { Recipe } from "./cache";
import { findOnPath, run } from "./run";

const version = "5.2.5";

/** moto's server in a Python environment of its own, from the versions that moto/requirements.txt pins. */
export const motoRecipe: Recipe = {
  name: `moto-${version}`,
  title: `installing moto ${version} (once; about half a minute)`,
  async build(folder, task) {
    const python = findOnPath("python3");
    if (!python) {
      throw new Error(
        "Python is needed for moto, the AWS stand-in, and there is no `python3` on PATH. Install Python 3.10 or newer with its venv module.",
      );
    }
    const onLine = (line: string) => task.note(line);
    await run(python, ["-m", "venv", folder], { onLine });
    // `python3 -m pip`, not `pip`: the environment's scripts name its temporary folder, its Python finds itself anywhere.
    const pip = ["-m", "pip", "install", "--quiet", "--no-input", "-r", join(__dirname, "moto", "requirements.txt")];
    await run(join(folder, "bin", "python3"), pip, { onLine });
  },
};
