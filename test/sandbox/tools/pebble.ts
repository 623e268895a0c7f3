import { join } from "node:path";
import type { Recipe } from "./cache";
import { goBuild } from "./goBuild";

const version = "2.10.1";

/** Let's Encrypt's ACME server for tests, from the sources that pebble/go.mod pins. */
export const pebbleRecipe: Recipe = {
  name: `pebble-${version}`,
  title: `building Pebble ${version} (once; about a minute)`,
  async build(folder, task) {
    const packages = ["github.com/letsencrypt/pebble/v2/cmd/pebble"];
    const output = join(folder, "pebble");
    await goBuild({ module: join(__dirname, "pebble"), packages, output, ldflags: "-s -w" }, task);
  },
};
