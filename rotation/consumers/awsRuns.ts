import type { AwsConsumer } from "../../infra/config/consumerKind";
import { restartAnnotation } from "../../infra/names";
import { awsKind } from ".";
import type { AwsState, Marks } from "./awsKind";
import type { ConsumerPorts } from "./awsPorts";

/** A secret of a stack. */
interface Marked {
  readonly environment: string;
  readonly secret: { readonly name: string };
}

/** What a consumer in AWS is marked with when it runs with this version of the secret. */
export function marksOf({ environment, secret }: Marked, versionId: string): Marks {
  return new Map([[restartAnnotation(environment, secret.name), versionId]]);
}

/**
 * One look: whether all of a consumer in AWS runs with a version.
 *
 * @returns undefined: it does; else what speaks against it
 */
export async function againstAwsConsumer(
  of: Marked & { readonly versionId: string; readonly now: Date },
  { kind, fields }: AwsConsumer,
  ports: ConsumerPorts,
): Promise<string | undefined> {
  const state = await awsKind(kind).look(fields, ports, marksOf(of, of.versionId));
  return (state?.failed ?? missingOf(state, undefined, of.now)) || undefined;
}

/**
 * What a consumer lacks to run with a version.
 *
 * @param restartedAt  when this run has restarted it; undefined: it has not
 * @returns empty: nothing
 */
export function missingOf(state: AwsState | undefined, restartedAt: Date | undefined, now: Date): string {
  if (!state) return "it is there no more";
  if (!state.isBegun) return state.waitsFor ?? "it does not have this version yet";
  if (state.waitsFor !== undefined) return state.waitsFor;
  const begunMs = Math.max(state.begunAt?.getTime() ?? 0, restartedAt?.getTime() ?? 0);
  const drained = new Date(begunMs + state.drainSeconds * 1000);
  return drained > now ? `what began before it may run until ${drained.toISOString()}` : "";
}
