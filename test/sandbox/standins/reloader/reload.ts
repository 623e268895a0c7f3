import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig, V1Secret } from "@kubernetes/client-node";
import { containerOf } from "./containerOf";
import { shouldReload } from "./shouldReload";
import { type ReloadableWorkload, workloadsIn } from "./workloads";

export interface ReloadOptions {
  readonly strategy: "env-vars" | "annotations";
  readonly autoReloadAll: boolean;
}

/** What Reloader knows of a Secret's content. */
export function hashOf({ data = {} }: V1Secret): string {
  const values = Object.entries(data).map(([key, value]) =>
    Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value, "base64")]).toString("latin1"),
  );
  return createHash("sha1").update(values.sort().join(";"), "latin1").digest("hex");
}

/** Restarts the workloads that a changed Secret is to restart. @returns their names */
export async function reload(config: KubeConfig, secret: V1Secret, options: ReloadOptions): Promise<string[]> {
  const { name = "", namespace = "", annotations = {} } = secret.metadata ?? {};
  const done: string[] = [];
  for (const workload of await workloadsIn(config, namespace)) {
    const pod = workload.template.metadata?.annotations ?? {};
    const { autoReloadAll } = options;
    const answer = shouldReload({ secret: { name, annotations }, workload: workload.annotations, pod, autoReloadAll });
    const spec = workload.template.spec;
    const container = answer && spec && containerOf(spec, name, answer === "named");
    if (!container) continue;
    const hash = hashOf(secret);
    const variable = { name: `STAKATER_${variablePart(name)}_SECRET`, value: hash };
    const source = { type: "SECRET", name, namespace, hash, containerRefs: [container.name] };
    const marked = { ...source, observedAt: Math.floor(Date.now() / 1000) };
    if (options.strategy === "env-vars") {
      if (container.env?.some((one) => one.name === variable.name && one.value === hash)) continue;
      await pause(workload);
      await workload.patch({
        spec: { template: { spec: { containers: [{ name: container.name, env: [variable] }] } } },
      });
    } else {
      await pause(workload);
      const from = { "reloader.stakater.com/last-reloaded-from": JSON.stringify(marked) };
      await workload.patch({ spec: { template: { metadata: { annotations: from } } } });
    }
    done.push(workload.name);
  }
  return done;
}

const pausedAt = "deployment.reloader.stakater.com/paused-at";

/** @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/handler/pause_deployment.go */
async function pause({ annotations, isDeployment, isPaused, patch }: ReloadableWorkload): Promise<void> {
  const [, seconds] = /^(\d+)s$/.exec(annotations["deployment.reloader.stakater.com/pause-period"] ?? "") ?? [];
  if (!isDeployment || isPaused || seconds === undefined) return;
  await patch({ spec: { paused: true }, metadata: { annotations: { [pausedAt]: new Date().toISOString() } } });
  void delay(Number(seconds) * 1000).then(() =>
    patch({ spec: { paused: false }, metadata: { annotations: { [pausedAt]: null } } }),
  );
}

/** @see https://github.com/stakater/Reloader/blob/v1.4.21/internal/pkg/util/util.go: ConvertToEnvVarName */
function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}
