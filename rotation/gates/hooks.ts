import type { ResourceHookArgs } from "@pulumi/pulumi";
import { versionAnnotation } from "../../infra/names";
import type { Rotation } from "../../infra/rotation";
import { failureOf } from "../failureOf";
import { type Observer, observed } from "../run/observer";
import type { Entry, Run } from "../run/run";
import { superseded } from "../run/superseded";
import type { Step } from "../steps";
import { prove } from "./prove";
import { synced } from "./synced";

/**
 * The gates as the hooks that the program puts before its resources. Each gate runs once for a secret, however many
 * resources wait for it; its failure is recorded in the run, and stops the resource.
 */
export function gateHooks(run: Run, observer: Observer): Pick<Rotation, "prove" | "synced"> {
  const results = new Map<string, Promise<void>>();
  const once = (step: Step, secret: string, work: () => Promise<void>): Promise<void> => {
    const key = `${step} ${secret}`;
    const result = results.get(key) ?? work().catch((error) => fail(run, secret, step, error));
    results.set(key, result);
    return result;
  };
  return {
    prove: (name, hook) =>
      once("set", name, async () => {
        const entry = entryOf(run, name);
        entry.versionId = versionIn(hook);
        // Of several, the first is the nearest to when it was set.
        entry.setAt ??= await prove(entry.plan, entry.versionId, observer);
      }),
    async synced(names, { urn }) {
      const alive = names.filter((name) => run.entries.get(name)?.error === undefined);
      const gates = alive.map((name) =>
        once("sync", name, async () => {
          const { plan, versionId } = entryOf(run, name);
          // The workload of another secret is changed, and this one's version is none of this run.
          if (versionId === undefined) throw superseded(name);
          await observed(observer, name, "sync", () => synced(plan.context, versionId));
        }),
      );
      const stopped = (await Promise.allSettled(gates)).find((result) => result.status === "rejected");
      if (stopped) {
        run.stoppedByGate.add(urn);
        throw stopped.reason;
      }
      for (const name of alive) observer.stepStarted(name, "rollout");
    },
  };
}

function entryOf(run: Run, name: string): Entry {
  const entry = run.entries.get(name);
  if (!entry) throw new Error(`${name} is not part of this run`);
  return entry;
}

function versionIn({ newInputs }: ResourceHookArgs): string {
  const { metadata } = newInputs as { metadata?: { annotations?: Record<string, string> } };
  const versionId = metadata?.annotations?.[versionAnnotation];
  if (!versionId) throw new Error(`the ExternalSecret has no annotation ${versionAnnotation}`);
  return versionId;
}

function fail(run: Run, secret: string, step: Step, error: unknown): never {
  const known = failureOf(error, { secret, step });
  run.fail(secret, known);
  throw known;
}
