// The SDK tells a policy the properties of its configuration, but not its level, which is the engine's to apply. Here the
// levels are seen as they arrive, and that of one policy is put back. There is no other way than to replace this function,
// which the SDK calls to read what the engine configures; the package pins its version.
import type { ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type { AppliedLevel } from "../rules/levels";

interface Configured {
  readonly level: AppliedLevel;
  readonly properties: Readonly<Record<string, unknown>>;
}

const { ConfigureAnalyzerRequest: Request } = require("@pulumi/pulumi/proto/analyzer_pb");
const prototype: ConfigureAnalyzerRequest = Request.prototype;
const { getPolicyconfigMap } = prototype;

/** By their numbers in the engine's protocol. */
const levels = ["advisory", "mandatory", "disabled", "mandatory"] as const;
const pinned = new Map<string, "advisory" | "mandatory">();
let latest: ReturnType<typeof getPolicyconfigMap> | undefined;

prototype.getPolicyconfigMap = function (...args) {
  latest = getPolicyconfigMap.apply(this, args);
  for (const [policy, level] of pinned) latest?.get(policy)?.setEnforcementlevel(levels.indexOf(level) as 0 | 1);
  return latest;
};

/** From now on the level of this policy is this one, whatever is configured. */
export function pinLevel(policy: string, level: "advisory" | "mandatory"): void {
  pinned.set(policy, level);
}

/** What the engine has configured for a policy; undefined where it has configured nothing. */
export function configuredFor(policy: string): Configured | undefined {
  const config = latest?.get(policy);
  if (!config) return undefined;
  return {
    level: levels[config.getEnforcementlevel()] ?? "mandatory",
    properties: config.getProperties()?.toJavaScript() ?? {},
  };
}
