type Annotations = Readonly<Record<string, string>>;

/** A Secret that has changed, and what a workload and its pod template are annotated with. */
export interface Question {
  readonly secret: { readonly name: string; readonly annotations: Annotations };
  readonly workload: Annotations;
  readonly pod: Annotations;
  readonly autoReloadAll: boolean;
}

/** `auto`: only where a container takes the Secret. Undefined: no restart. */
export type Answer = "named" | "auto" | undefined;

/** @see https://github.com/stakater/Reloader/blob/v1.4.21/pkg/common/common.go: ShouldReload */
export function shouldReload({ secret, workload, pod, autoReloadAll }: Question): Answer {
  if (secret.annotations["reloader.stakater.com/ignore"] === "true") return undefined;
  const keys = {
    named: "secret.reloader.stakater.com/reload",
    search: "reloader.stakater.com/search",
    auto: "reloader.stakater.com/auto",
    typed: "secret.reloader.stakater.com/auto",
  };
  const source = Object.values(keys).some((key) => workload[key] !== undefined) ? workload : pod;
  const excluded = workload["secrets.exclude.reloader.stakater.com/reload"] ?? "";
  if (excluded.split(",").some((name) => name.trim() === secret.name)) return undefined;
  for (const pattern of (source[keys.named] ?? "").split(",")) {
    if (new RegExp(`^${pattern.trim()}$`).test(secret.name)) return "named";
  }
  if (source[keys.search] === "true" && secret.annotations["reloader.stakater.com/match"] === "true") return "auto";
  const [auto = "", typed = ""] = [source[keys.auto], source[keys.typed]];
  if (isTrue(auto) || isTrue(typed)) return "auto";
  return auto === "" && typed === "" && autoReloadAll ? "auto" : undefined;
}

function isTrue(text: string): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(text);
}
