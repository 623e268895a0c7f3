import { tags } from "./names";
import { environmentOf, type Run, rotateCommand, type SecretFacts, shortName, type Violation } from "./secret";

export interface HasStrategyConfig {
  /** The prefixes `<environment>/` that belong to this software, beside the environment of the run. */
  readonly environments?: readonly string[];
}

export const defaultEnvironments: readonly string[] = ["dev", "development", "staging", "prod", "production"];

/**
 * The rule of `secret-has-strategy`: whatever lives under an environment's prefix names its kind and strategy, or is rotated
 * by AWS (`native`). Which kinds there are, a stack says: this one judges by tags alone.
 */
export function checkHasStrategy(secret: SecretFacts, run: Run, config: HasStrategyConfig): Violation[] {
  const { [tags.kind]: kind, [tags.strategy]: strategy } = secret.tags;
  const environments = [...(config.environments ?? defaultEnvironments), environmentOf(secret, run)];
  const isCovered =
    kind !== undefined || strategy !== undefined || environments.some((e) => secret.name.startsWith(`${e}/`));
  if (!isCovered || strategy === "native") return [];
  const then = `then run: ${rotateCommand(shortName(secret, run), run.stack)}`;
  if (kind) return [];
  const declare = `declare it in Pulumi.${run.stack}.yaml and run pulumi up`;
  const byAws = `set its tag ${tags.strategy} to native where AWS rotates it`;
  const message = `${secret.name} names no kind, so nothing rotates it: ${declare}, or ${byAws}; ${then}`;
  return [{ message }];
}
