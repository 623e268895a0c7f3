import { namespacesOf } from "../../infra/config/rules";
import type { ConsumerDeclaration, SecretDeclaration } from "../../infra/config/secretSchema";
import { consumerUrn, externalSecretUrn, secretUrn, secretVersionUrn } from "../../infra/names";
import { type ErrorCode, RotationError } from "../errors";
import { awsAdvice } from "../failureOf";
import { mendHint } from "../gates/rolledOut";
import type { ResourceEvent } from "../stack/update";
import type { Step } from "../steps";
import type { Observer } from "./observer";
import type { Entry, Run } from "./run";

const codes = { create: "AWS_FAILED", sync: "UPDATE_FAILED", rollout: "ROLLOUT_FAILED" } as const satisfies Partial<
  Record<Step, ErrorCode>
>;

/**
 * Turns what the engine tells of a resource into the steps of the secrets that it belongs to, and its failure into
 * theirs. The steps in between (set, test, finish, sync) are told by the gates themselves.
 *
 * @param reached  is told of a secret when the last of its resources has the new version
 */
export function follow(
  stack: string,
  run: Run,
  observer: Observer,
  event: ResourceEvent,
  reached: (entry: Entry) => void,
): void {
  for (const entry of run.alive()) {
    const { secret } = entry.plan.context;
    const { step, consumer } = placeOf(stack, secret, event.urn);
    if (step === undefined || run.stoppedByGate.has(event.urn)) continue;
    if (event.phase === "failed") {
      const text = event.message ?? "";
      const more = consumer ? { retryable: true, hint: mendHint(consumer) } : awsAdvice(text);
      run.fail(secret.name, new RotationError(codes[step], { secret: secret.name, step }, text, more));
    }
    const writes = event.op === "create" || event.op === "create-replacement";
    if (event.phase === "done" && step !== "create") tellReached(entry, event.urn, reached);
    if (step === "sync" || (step === "create" && !writes)) continue;
    // A rollout starts when its gate has passed, not when the engine turns to the resource.
    if (event.phase === "started" && step === "create") observer.stepStarted(secret.name, step);
    // A patched workload has not rolled out yet: the secret's ending waits for that.
    if (event.phase === "done" && step === "create") observer.stepEnded(secret.name, step);
    if (event.phase === "failed") observer.stepEnded(secret.name, step, new Error(event.message));
  }
}

function tellReached(entry: Entry, urn: string, reached: (entry: Entry) => void): void {
  const wasLast = entry.left.delete(urn) && entry.left.size === 0;
  if (wasLast && entry.versionId !== undefined && entry.error === undefined) reached(entry);
}

function placeOf(
  stack: string,
  secret: SecretDeclaration,
  urn: string,
): { step?: keyof typeof codes; consumer?: ConsumerDeclaration } {
  if (urn === secretUrn(stack, secret.name) || urn === secretVersionUrn(stack, secret.name)) return { step: "create" };
  if (namespacesOf(secret).some((namespace) => externalSecretUrn(stack, namespace, secret.name) === urn))
    return { step: "sync" };
  const consumer = secret.consumers.find((candidate) => consumerUrn(stack, candidate) === urn);
  return consumer ? { step: "rollout", consumer } : {};
}
