import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { consumerUrn, externalSecretUrn, patched, valueUrns } from "../../infra/urns";
import { type ErrorCode, RotationError } from "../errors";
import { awsAdvice } from "../failureOf";
import { mendHint } from "../gates/rolledOut";
import type { Entry, Run } from "../gates/run";
import type { Observer } from "../observer";
import type { ResourceEvent } from "../stack/update";
import type { Step } from "../steps";

const codes = { create: "AWS_FAILED", sync: "UPDATE_FAILED", rollout: "ROLLOUT_FAILED" } as const satisfies Partial<
  Record<Step, ErrorCode>
>;

/** A secret that a resource belongs to, and the step that is done when the resource is. */
interface Place {
  readonly entry: Entry;
  readonly step: keyof typeof codes;
  /** The workload of a patch. */
  readonly consumer?: ConsumerDeclaration;
}

/**
 * Turns what the engine tells of a resource into the steps of the secrets that it belongs to, and its failure into
 * theirs. The steps in between (set, test, finish, sync) are told by the gates themselves.
 *
 * @param reached  is told of a secret when the last of its resources has the new version
 * @param names  of the update's secrets: others may share a workload with them, and are not told of it
 * @returns takes one event
 */
export function follow(
  stack: string,
  run: Run,
  observer: Observer,
  reached: (entry: Entry) => void,
  names: ReadonlySet<string>,
): (event: ResourceEvent) => void {
  const places = placesOf(stack, run);
  return (event) => {
    if (run.stoppedByGate.has(event.urn)) return;
    for (const place of places.get(event.urn) ?? []) {
      const isMeant = names.has(place.entry.plan.context.secret.name);
      if (place.entry.error === undefined && isMeant) tell(run, observer, event, place, reached);
    }
  };
}

function tell(
  run: Run,
  observer: Observer,
  { urn, op, phase, message = "" }: ResourceEvent,
  { entry, step, consumer }: Place,
  reached: (entry: Entry) => void,
): void {
  const { name } = entry.plan.context.secret;
  if (phase === "failed") {
    const more = consumer ? { retryable: true, hint: mendHint(consumer) } : awsAdvice(message);
    run.fail(name, new RotationError(codes[step], { secret: name, step }, message, more));
  }
  const writes = op === "create" || op === "create-replacement";
  if (phase === "done" && step !== "create") tellReached(entry, urn, reached);
  if (step === "sync" || (step === "create" && !writes)) return;
  // A rollout starts when its gate has passed, not when the engine turns to the resource.
  if (phase === "started" && step === "create") observer.stepStarted(name, step);
  // A patched workload has not rolled out yet: the secret's ending waits for that.
  if (phase === "done" && step === "create") observer.stepEnded(name, step);
  if (phase === "failed") observer.stepEnded(name, step, new Error(message));
}

function tellReached(entry: Entry, urn: string, reached: (entry: Entry) => void): void {
  const wasLast = entry.left.delete(urn) && entry.left.size === 0;
  if (wasLast && entry.versionId !== undefined && entry.error === undefined) reached(entry);
}

/** By URN. A workload's patch belongs to each of the secrets that it takes. */
function placesOf(stack: string, run: Run): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  const add = (urn: string, place: Place) => {
    const there = places.get(urn);
    if (there) there.push(place);
    else places.set(urn, [place]);
  };
  for (const entry of run.entries.values()) {
    const { secret, reloaded } = entry.plan.context;
    for (const urn of valueUrns(stack, secret)) add(urn, { entry, step: "create" });
    for (const namespace of namespacesOf(secret)) {
      add(externalSecretUrn(stack, namespace, secret.name), { entry, step: "sync" });
    }
    for (const consumer of patched(secret, reloaded)) {
      add(consumerUrn(stack, consumer), { entry, step: "rollout", consumer });
    }
  }
  return places;
}
