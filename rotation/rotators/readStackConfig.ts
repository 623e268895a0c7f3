import type { Rotators } from "../../infra/config/rotator";
import { parseStackConfig, type StackConfig } from "../../infra/config/stackConfig";
import { encrypted } from "../../infra/config/values";
import { projectName } from "../../infra/names";
import { consumerKinds } from "../consumers";
import { readSecretFiles } from "../ports/secretFiles";
import { builtIn } from ".";
import type { ownRotators as read } from "./own/ownRotators";

/**
 * The stack's configuration, with the kinds that come with the project and those that the stack names.
 *
 * @param named  the stack, with or without its organization and project
 * @param values  the configuration's values by their full key, see `parseStackConfig`
 * @param folder  the project's: paths of rotators and of files with secrets begin there
 * @throws {ConfigurationError} with every problem at once
 */
export function readStackConfig(
  named: string,
  values: Readonly<Record<string, unknown>>,
  folder = process.cwd(),
): StackConfig {
  const declared = (key: string) => {
    const value = values[`${projectName}:${key}`];
    return value === encrypted ? undefined : value;
  };
  const [files, own] = [declared("secretFiles"), declared("rotators")];
  const { files: secretFiles, problems } =
    files === undefined ? { files: [], problems: [] } : readSecretFiles(files, folder);
  if (own === undefined)
    return parseStackConfig(named, values, { rotators: builtIn, consumerKinds, secretFiles, problems });
  const { ownRotators } = require("./own/ownRotators") as { ownRotators: typeof read };
  const found = ownRotators(own, { folder, builtIn });
  const rotators: Rotators = new Map([...builtIn, ...found.rotators]);
  const wrong = [...found.problems, ...problems];
  return parseStackConfig(named, values, { rotators, consumerKinds, secretFiles, problems: wrong });
}
