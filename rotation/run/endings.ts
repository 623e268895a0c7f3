import type { AwsConsumer } from "../../infra/config/consumerKind";
import { type SettledSecret, tagsOfStamp } from "../../infra/stamp";
import { patched } from "../../infra/urns";
import { factsAfter, type Phase } from "../../policies/rules/phases";
import { failureOf } from "../failureOf";
import { awsRestarted } from "../gates/awsRestarted";
import { restarted } from "../gates/restarted";
import { retired } from "../gates/retired";
import type { Entry, Run } from "../gates/run";
import { synced } from "../gates/synced";
import { verified } from "../gates/verified";
import { InterruptedError, type Interruption } from "../interruption";
import { type Observer, observed } from "../observer";
import type { Step } from "../steps";
import { AwsRestarts } from "./awsRestarts";

/**
 * What follows a secret's update: its rollouts are awaited, and it is verified; in an emergency, what was valid before is retired then, and the Secret
 * stamped. An emergency does not wait for others: it ends for each secret as soon as that one's own consumers have rolled out,
 * while the update goes on with the rollouts of others. One secret's failure is recorded in the run and stops no other.
 */
export class Endings {
  readonly #begun = new Map<string, Promise<void>>();
  readonly #awsRestarts = new AwsRestarts();

  constructor(
    private readonly run: Run,
    private readonly runId: string,
    private readonly observer: Observer,
    private readonly interruption: Interruption,
  ) {}

  /** An update has brought it to its workloads, and others follow: it is stamped without waiting for them. */
  begin(entry: Entry): void {
    this.#end(entry, true).catch(() => undefined);
  }

  /** All resources of this secret have its new version. */
  reached(entry: Entry): void {
    if (entry.plan.context.emergency) this.#end(entry).catch(() => undefined);
  }

  /** Ends those that have not failed and were not ended yet, and waits for all. */
  async all(): Promise<void> {
    await Promise.all(this.run.alive().map((entry) => this.#end(entry)));
    await Promise.all(this.#begun.values());
  }

  #end(entry: Entry, stampsAtOnce = entry.plan.context.emergency): Promise<void> {
    const { name } = entry.plan.context.secret;
    const begun = this.#begun.get(name) ?? this.#steps(entry, stampsAtOnce);
    this.#begun.set(name, begun);
    return begun;
  }

  async #steps(entry: Entry, stampsAtOnce: boolean): Promise<void> {
    const { plan, versionId = "" } = entry;
    const { name } = plan.context.secret;
    this.#awsRestarts.intend(plan.context, versionId);
    const step = (which: Step, work: () => Promise<void>) =>
      observed(this.observer, name, which, work).catch((error) => {
        throw failureOf(error, { secret: name, step: which });
      });
    try {
      await this.#rolledOut(entry);
      await step("verify", () => verified(plan, versionId));
      await readFromValue(entry);
      if (plan.context.emergency || plan.phase === "retire") {
        await step("retire", async () => {
          entry.refused = await retired(entry);
        });
      } else if (!stampsAtOnce) return;
      await step("settle", () => this.#stamp(entry));
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      this.run.fail(name, failureOf(error, { secret: name, step: "verify" }));
    }
  }

  /** Waits for all consumers. The gate has told that the rollout of a patched one began; that of the others begins when Kubernetes has the version. */
  async #rolledOut({ plan: { context }, versionId = "" }: Entry): Promise<void> {
    const { name, consumers, awsConsumers } = context.secret;
    const driven = patched(context.secret, context.reloaded);
    if (consumers.length > 0 && driven.length === 0) {
      await observed(this.observer, name, "sync", () => synced(context, versionId));
    }
    for (const _ of [...consumers.slice(driven.length), ...awsConsumers]) this.observer.stepStarted(name, "rollout");
    const throwIfAsked = () => this.interruption.throwIfAsked();
    const told = async (wait: Promise<void>) => {
      const error = await wait.catch((thrown: Error) => thrown);
      this.observer.stepEnded(name, "rollout", error ?? undefined);
      return error;
    };
    const inAws = {
      throwIfAsked,
      restart: (consumer: AwsConsumer) => this.#awsRestarts.restart(consumer, context.ports),
    };
    const waits = [
      ...consumers.map((consumer) => told(restarted(context, versionId, consumer, throwIfAsked))),
      ...awsConsumers.map((consumer) => told(awsRestarted(context, versionId, consumer, inAws))),
    ];
    const failed = (await Promise.all(waits)).find((error) => error instanceof Error);
    if (failed)
      throw failed instanceof InterruptedError ? failed : failureOf(failed, { secret: name, step: "rollout" });
  }

  /** The settling update says the same later, so that the stack's state has it too. */
  async #stamp(entry: Entry): Promise<void> {
    const { context } = entry.plan;
    const stamp = stampOf(entry, this.runId, context.ports.clock.now());
    await context.ports.secretsManager.tag(context.fullName, tagsOfStamp(stamp));
    entry.stamp = stamp;
  }
}

/** What the tags are to say of the new value, where it says that itself. */
async function readFromValue(entry: Entry): Promise<void> {
  const { context, strategy } = entry.plan;
  const { notAfter, renewFrom, phasing } = strategy;
  if (!notAfter && !renewFrom && !phasing?.phaseIn) return;
  const value = await context.ports.secretsManager.value(context.fullName, entry.versionId ?? "");
  if (value === undefined) return;
  entry.notAfter = strategy.notAfter?.(context, value);
  entry.renewFrom = await strategy.renewFrom?.(context, value);
  entry.phase = phasing?.phaseIn?.(context, value);
}

/** @param now  taken where the secret is not stamped yet */
export function stampOf(
  { plan, stamp, versionId = "", notAfter, renewFrom, phase: phaseDone }: Entry,
  runId: string,
  now: Date,
): SettledSecret {
  if (stamp) return stamp;
  const { context, strategy, phase: planned } = plan;
  const isRetired = planned === "retire" || context.emergency;
  const { phasing } = strategy;
  const done = isRetired ? "retire" : (phaseDone ?? "activate");
  const isFirst = plan.oldVersionId === undefined && phaseDone === undefined;
  const ofKind: readonly Phase[] = isFirst ? ["activate"] : (phasing?.of(context) ?? []);
  const phase = phasing && factsAfter(done, ofKind, phasing.waitSeconds(context, done), now);
  // An age is that of the value: such phases renew nothing, and what AWS has rotated is as old as that.
  const isAsOld = planned === "prepare" || planned === "retire";
  const rotatedAt = (isAsOld ? context.rotatedAt : plan.writtenAt) ?? now;
  return {
    rotatedAt: rotatedAt.toISOString(),
    rotatedVersion: versionId,
    rotatedBy: runId,
    phase,
    notAfter,
    renewFrom,
  };
}
