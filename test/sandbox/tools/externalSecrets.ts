import { chmod, copyFile, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "./cache";
import { goBuild, moduleFolder, withScratch } from "./goBuild";
import { run } from "./run";

const version = "0.20.4";
const goModule = "github.com/external-secrets/external-secrets";

/** The custom resources without which the operator does not start, or which the sandbox uses. */
const crds = [
  "external-secrets.io_externalsecrets.yaml",
  "external-secrets.io_clustersecretstores.yaml",
  "external-secrets.io_secretstores.yaml",
  "generators.external-secrets.io_generatorstates.yaml",
];

// All providers together take 700 modules and a quarter of an hour to build; only this one is used here.
const register = `package register

import _ "${goModule}/pkg/provider/aws"
`;

/** The custom resource definitions of External Secrets that the sandbox serves. */
export const externalSecretsDefinitionsRecipe: Recipe = {
  name: `external-secrets-${version}-definitions`,
  title: `reading the custom resource definitions of External Secrets ${version} (once)`,
  async build(folder) {
    const source = await moduleFolder(join(__dirname, "external-secrets"), goModule);
    for (const crd of crds) await copyFile(join(source, "config", "crds", "bases", crd), join(folder, crd));
  },
};

/** External Secrets Operator with the AWS provider alone. */
export const externalSecretsRecipe: Recipe = {
  name: `external-secrets-${version}-aws`,
  title: `building External Secrets Operator ${version} with its AWS provider (once; about 4 minutes)`,
  async build(folder, task) {
    const source = await moduleFolder(join(__dirname, "external-secrets"), goModule);
    await withScratch(folder, async (scratch) => {
      await cp(source, scratch, { recursive: true });
      await run("chmod", ["-R", "u+w", scratch]); // the module cache is read-only
      await rm(join(scratch, "pkg", "provider", "register"), { recursive: true });
      await mkdir(join(scratch, "pkg", "provider", "register"));
      await writeFile(join(scratch, "pkg", "provider", "register", "register.go"), register);
      const output = join(folder, "external-secrets");
      await goBuild({ module: scratch, packages: ["."], output, ldflags: "-s -w" }, task);
      await chmod(output, 0o755);
    });
  },
};
