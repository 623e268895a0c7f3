import { createHash } from "node:crypto";
import { z } from "zod";
import type { ReloaderView } from "../ports/reloaderView";

/** What Reloader calls the content of a Kubernetes Secret. @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/util/util.go: GetSHAfromSecret */
export function contentHash(data: Readonly<Record<string, Buffer>>): string {
  // Go sorts by bytes; latin1 is one character a byte.
  const pairs = Object.entries(data).map(([key, value]) => `${key}=${value.toString("latin1")}`);
  return createHash("sha1").update(pairs.sort().join(";"), "latin1").digest("hex");
}

const lastReloadedFrom = "reloader.stakater.com/last-reloaded-from";
const sourceSchema = z.object({ type: z.string(), name: z.string(), hash: z.string() });

/** The Kubernetes Secret for which Reloader has restarted a workload last, where it writes annotations; undefined: it does not say. */
export function lastReload({
  podAnnotations,
}: ReloaderView): { readonly name: string; readonly hash: string } | undefined {
  const { data } = sourceSchema.safeParse(parsed(podAnnotations[lastReloadedFrom] ?? ""));
  return data?.type === "SECRET" ? data : undefined;
}

/** Whether Reloader has written this content of a Kubernetes Secret into the pod template, by a variable or by an annotation. */
export function isMarked(view: ReloaderView, name: string, hash: string): boolean {
  const last = lastReload(view);
  return view.variables.has(`${variableOf(name)}=${hash}`) || (last?.name === name && last.hash === hash);
}

/** E.g. `STAKATER_ORDERS_DB_SECRET`. @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/util/util.go: ConvertToEnvVarName */
function variableOf(name: string): string {
  const text = name
    .toUpperCase()
    .replace(/^[^A-Z0-9]+/, "")
    .replace(/[^A-Z0-9]+/g, "_");
  return `STAKATER_${text}_SECRET`;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
