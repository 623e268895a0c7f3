import { runInNewContext } from "node:vm";
import type { ReloaderView } from "../ports/reloaderView";

/** A Kubernetes Secret, as Reloader looks at it. */
export interface WatchedSecret {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `because`: the annotation by which Reloader restarts a workload. `unsure`: why that cannot be told. Undefined: it does not. */
export type Recognised = { readonly because: string } | { readonly unsure: string } | undefined;

/** Annotations by which a workload, or in their absence its pod template, asks to be restarted. */
const asks = {
  named: "secret.reloader.stakater.com/reload",
  search: "reloader.stakater.com/search",
  auto: "reloader.stakater.com/auto",
  autoOfSecrets: "secret.reloader.stakater.com/auto",
} as const;
/** Of a workload: names of Kubernetes Secrets that restart it not. */
const exclude = "secrets.exclude.reloader.stakater.com/reload";
/** Of a Kubernetes Secret. */
const [match, ignore] = ["reloader.stakater.com/match", "reloader.stakater.com/ignore"];

/**
 * Whether Reloader restarts a workload when the content of a Kubernetes Secret changes, as far as annotations tell. Its own flags
 * (`--auto-reload-all`, other keys of annotations, namespaces that it does not watch) are not seen here.
 *
 * @see https://github.com/stakater/Reloader/blob/v1.4.21/pkg/common/common.go: ShouldReload
 * @see https://docs.stakater.com/reloader/
 */
export function reloads({ annotations, podAnnotations, uses }: ReloaderView, secret: WatchedSecret): Recognised {
  if (secret.annotations[ignore] === "true") return undefined;
  if (namesIn(annotations[exclude]).includes(secret.name)) return undefined;
  const isAsked = Object.values(asks).some((key) => key in annotations);
  const asked = isAsked ? annotations : podAnnotations;
  const named = namesIn(asked[asks.named]).map((pattern) => matches(pattern, secret.name));
  if (named.includes(true)) return { because: asks.named };
  // Whatever the pod takes: these are for what a container takes.
  if (uses.has(secret.name)) {
    if (asked[asks.search] === "true" && secret.annotations[match] === "true") return { because: asks.search };
    const auto = [asks.auto, asks.autoOfSecrets].find((key) => isTrue(asked[key]));
    if (auto) return { because: auto };
  }
  return named.includes(undefined)
    ? { unsure: `${asks.named}: ${asked[asks.named]} has a pattern that only Reloader can read` }
    : undefined;
}

/** Whether anything is said to Reloader at all. */
export function knowsReloader({ annotations, podAnnotations }: ReloaderView): boolean {
  return [annotations, podAnnotations].some((some) => Object.keys(some).length > 0);
}

function namesIn(list = ""): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** As Go's strconv.ParseBool. */
function isTrue(value = ""): boolean {
  return ["1", "t", "T", "TRUE", "true", "True"].includes(value);
}

/**
 * A regular expression of Go's, anchored. Undefined: it has what JavaScript reads otherwise, or not, or takes long, as Go's never do:
 * whoever may annotate a workload writes it.
 */
function matches(pattern: string, name: string): boolean | undefined {
  if (pattern === name) return true;
  // Flags and named groups, classes of Unicode and POSIX, ends of the text.
  if (/\(\?(?!:)|\\[pPzAQ]|\[\[:/.test(pattern)) return undefined;
  try {
    return runInNewContext("new RegExp(source).test(name)", { source: `^${pattern}$`, name }, { timeout: longestMs });
  } catch {
    return undefined;
  }
}

const longestMs = 200;
