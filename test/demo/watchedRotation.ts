import { setTimeout as delay } from "node:timers/promises";
import type { SampleLoad } from "../sampleService/load";
import type { LoadReport } from "../sampleService/load/report";
import { defaults } from "../sampleService/manifests";
import { type DriverRun, type StepMark, type StepSpan, spansOf } from "./driver";
import { RefusalWatch, type RoleRefusals } from "./refusals";
import { type Sample, Sampler } from "./sampler";
import type { Stand } from "./stand";
import { type Restart, restartsBetween, sampleServicePods } from "./workloads";

/** Everything that was seen of one rotation under load. */
export interface WatchedRotation {
  readonly run: DriverRun;
  readonly spans: readonly StepSpan[];
  readonly refusals: readonly RoleRefusals[];
  readonly restarts: readonly Restart[];
}

/** Rotates under a load that runs, and counts refused logins and restarted pods meanwhile. */
export async function watchedRotation(
  stand: Stand,
  args: readonly string[],
  onMark: (mark: StepMark) => void = () => undefined,
): Promise<WatchedRotation> {
  const { namespace } = defaults;
  const before = await sampleServicePods(stand.kubeconfig, namespace);
  const refusals = await RefusalWatch.begin(stand.sandbox.part("postgres").log, stand.secrets);
  const run = await stand.rotate(args, {
    env: {},
    onMark: (mark) => {
      refusals.onMark(mark);
      onMark(mark);
    },
  });
  const after = await sampleServicePods(stand.kubeconfig, namespace);
  return { run, spans: spansOf(run), refusals: await refusals.end(), restarts: restartsBetween(before, after) };
}

export interface LoadedTime {
  readonly load: LoadReport;
  readonly samples: readonly Sample[];
}

/**
 * Keeps a load on the services: some seconds before the work, during it, and some seconds after.
 *
 * @returns what the load has counted over all of that time, and what the work yielded
 */
export async function underLoad<T>(
  load: SampleLoad,
  { before, after, signal }: { before: number; after: number; signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<LoadedTime & { result: T }> {
  const sampler = new Sampler(load);
  await load.start();
  sampler.start();
  try {
    await delay(before * 1000, undefined, signal ? { signal } : {});
    const result = await work();
    await delay(after * 1000, undefined, signal ? { signal } : {});
    await sampler.stop();
    return { load: await load.stop(), samples: sampler.samples, result };
  } catch (error) {
    await sampler.stop().catch(() => undefined);
    // An interrupted load has nothing to report; its process must end all the same.
    await load.stop().catch(() => undefined);
    throw error;
  }
}
