import { tags } from "../../infra/names";
import type { SettledSecret } from "../../infra/rotation";
import { failureOf } from "../failureOf";
import { retired } from "../gates/retired";
import { rolledOut } from "../gates/rolledOut";
import { verified } from "../gates/verified";
import type { Step } from "../steps";
import { InterruptedError, type Interruption } from "./interruption";
import { type Observer, observed } from "./observer";
import type { Entry, Run } from "./run";

/**
 * What follows a secret's update: its rollouts are awaited, and it is verified; in an emergency, what was valid before is retired then, and the Secret
 * stamped. An emergency does not wait for others: it ends for each secret as soon as that one's own consumers have rolled out,
 * while the update goes on with the rollouts of others. One secret's failure is recorded in the run and stops no other.
 */
export class Endings {
  readonly #begun = new Map<string, Promise<void>>();

  constructor(
    private readonly run: Run,
    private readonly runId: string,
    private readonly observer: Observer,
    private readonly interruption: Interruption,
  ) {}

  /** All resources of this secret have its new version. */
  reached(entry: Entry): void {
    if (entry.plan.context.emergency) this.#end(entry).catch(() => undefined);
  }

  /** Ends those that have not failed and were not ended yet, and waits for all. */
  async all(): Promise<void> {
    await Promise.all(this.run.alive().map((entry) => this.#end(entry)));
    await Promise.all(this.#begun.values());
  }

  #end(entry: Entry): Promise<void> {
    const { name } = entry.plan.context.secret;
    const begun = this.#begun.get(name) ?? this.#steps(entry);
    this.#begun.set(name, begun);
    return begun;
  }

  async #steps(entry: Entry): Promise<void> {
    const { plan, versionId = "" } = entry;
    const { name } = plan.context.secret;
    const step = (which: Step, work: () => Promise<void>) =>
      observed(this.observer, name, which, work).catch((error) => {
        throw failureOf(error, { secret: name, step: which });
      });
    try {
      await this.#rolledOut(entry);
      await step("verify", () => verified(plan, versionId));
      if (!plan.context.emergency) return;
      await step("retire", async () => {
        entry.refused = await retired(entry);
      });
      await step("settle", () => this.#stamp(entry));
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      this.run.fail(name, failureOf(error, { secret: name, step: "verify" }));
    }
  }

  /** Begun by the gate before each of its workloads' patches. */
  async #rolledOut({ plan: { context }, versionId = "" }: Entry): Promise<void> {
    const { name, consumers } = context.secret;
    const asked = () => this.interruption.throwIfAsked();
    const waits = consumers.map(async (consumer) => {
      const error = await rolledOut(context, versionId, consumer, asked).catch((thrown: Error) => thrown);
      this.observer.stepEnded(name, "rollout", error ?? undefined);
      return error;
    });
    const failed = (await Promise.all(waits)).find((error) => error instanceof Error);
    if (failed)
      throw failed instanceof InterruptedError ? failed : failureOf(failed, { secret: name, step: "rollout" });
  }

  /** The settling update says the same later, so that the stack's state has it too. */
  async #stamp(entry: Entry): Promise<void> {
    const { context } = entry.plan;
    const stamp = stampOf(entry, this.runId, context.ports.clock.now());
    await context.ports.secretsManager.tag(context.fullName, {
      [tags.rotatedAt]: stamp.rotatedAt,
      [tags.rotatedVersion]: stamp.rotatedVersion,
      [tags.rotatedBy]: stamp.rotatedBy,
    });
    entry.stamp = stamp;
  }
}

/** @param now  taken where the secret is not stamped yet */
export function stampOf({ stamp, versionId = "" }: Entry, runId: string, now: Date): SettledSecret {
  return stamp ?? { rotatedAt: now.toISOString(), rotatedVersion: versionId, rotatedBy: runId };
}
