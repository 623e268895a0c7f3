import { join } from "node:path";
import type { Recipe } from "./cache";
import { goBuild } from "./goBuild";

const version = "1.7.12";

/** The checker of GitHub's workflows, from the sources that actionlint/go.mod pins. */
export const actionlintRecipe: Recipe = {
  name: `actionlint-${version}`,
  title: `building actionlint ${version} (once; about a minute)`,
  async build(folder, task) {
    const packages = ["github.com/rhysd/actionlint/cmd/actionlint"];
    const output = join(folder, "actionlint");
    await goBuild({ module: join(__dirname, "actionlint"), packages, output, ldflags: "-s -w" }, task);
  },
};
