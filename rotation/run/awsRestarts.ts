import type { AwsConsumer } from "../../infra/config/consumerKind";
import { awsConsumerName } from "../../infra/names";
import { awsKind } from "../consumers";
import type { Marks } from "../consumers/awsKind";
import { marksOf } from "../consumers/awsRuns";
import type { Ports } from "../ports";
import type { StrategyContext } from "../rotators/protocol";

/** Longer than what AWS tells of an object may be behind. */
const settlesMs = 2000;

/** The restarts of consumers in AWS by one run: one for all of its secrets that a consumer takes. */
export class AwsRestarts {
  readonly #marks = new Map<string, Map<string, string>>();
  readonly #busy = new Map<string, Promise<Date | undefined>>();
  readonly #doneAt = new Map<string, Date>();

  /** This secret's consumers are to be restarted. Said of all secrets that end together before one of them is awaited. */
  intend(context: StrategyContext, versionId: string): void {
    for (const consumer of context.secret.awsConsumers) {
      const name = awsConsumerName(consumer);
      this.#marks.set(name, new Map([...(this.#marks.get(name) ?? []), ...marksOf(context, versionId)]));
    }
  }

  /** Takes a step of the restart, where that is still to be done. @returns when it was done */
  restart(consumer: AwsConsumer, ports: Ports): Promise<Date | undefined> {
    const name = awsConsumerName(consumer);
    const busy =
      this.#busy.get(name) ??
      this.#step(consumer, ports, this.#marks.get(name) ?? new Map()).finally(() => this.#busy.delete(name));
    this.#busy.set(name, busy);
    return busy;
  }

  async #step({ kind, id, fields }: AwsConsumer, ports: Ports, marks: Marks): Promise<Date | undefined> {
    const name = awsConsumerName({ kind, id });
    const before = this.#doneAt.get(name);
    if (before && ports.clock.now().getTime() - before.getTime() < settlesMs) return before;
    const state = await awsKind(kind).look(fields, ports, marks);
    if (!state || state.isBegun || state.waitsFor !== undefined) return before;
    await awsKind(kind).restart(fields, ports, marks);
    const now = ports.clock.now();
    this.#doneAt.set(name, now);
    return now;
  }
}
