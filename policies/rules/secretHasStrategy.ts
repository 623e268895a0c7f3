import { isKind, kindNames, kinds } from "./kinds";
import { environmentOf, type Run, rotateCommand, type SecretFacts, shortName, tags, type Violation } from "./secret";

export interface HasStrategyConfig {
  /** The prefixes `<environment>/` that belong to this software, beside the environment of the run. */
  readonly environments?: readonly string[];
}

export const defaultEnvironments: readonly string[] = ["dev", "development", "staging", "prod", "production"];

/**
 * The rule of `secret-has-strategy`: whatever lives under an environment's prefix names a kind that this software
 * knows, with a strategy of that kind, or is rotated by AWS (`native`).
 */
export function checkHasStrategy(secret: SecretFacts, run: Run, config: HasStrategyConfig): Violation[] {
  const { [tags.kind]: kind, [tags.strategy]: strategy } = secret.tags;
  const environments = [...(config.environments ?? defaultEnvironments), environmentOf(secret, run)];
  const isCovered =
    kind !== undefined || strategy !== undefined || environments.some((e) => secret.name.startsWith(`${e}/`));
  if (!isCovered || strategy === "native") return [];
  const then = `then run: ${rotateCommand(shortName(secret, run), run.stack)}`;
  if (!isKind(kind)) {
    const names = `set its tag kind to ${oneOf(kindNames)}, or its tag strategy to native where AWS rotates it`;
    const what = kind === undefined ? "names no kind" : "names a kind that is unknown";
    const declare = `declare it in Pulumi.${run.stack}.yaml and run pulumi up`;
    return [{ message: `${secret.name} ${what}, so nothing rotates it: ${declare}, or ${names}; ${then}` }];
  }
  const allowed: readonly string[] = kinds[kind].strategies;
  if (strategy === undefined || allowed.includes(strategy)) return [];
  const message = `${secret.name} names a strategy that kind ${kind} does not have: set its tag strategy to ${oneOf(allowed)}; ${then}`;
  return [{ message }];
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
