import { ApiException } from "@kubernetes/client-node";
import pLimit from "p-limit";
import pRetry from "p-retry";
import { describeError } from "../errors";
import { type FieldConflict, KubernetesError } from "../kubernetesError";

/**
 * Asks the API server, a few times where it is in trouble. Undefined: there is no such object.
 *
 * @throws {KubernetesError}
 */
export async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  const ask = async () => {
    try {
      return await limit(() => answered(request()));
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw plain(error);
    }
  };
  return pRetry(ask, { ...retries, shouldRetry: ({ error }) => error instanceof KubernetesError && error.mayPass });
}

/** Requests to the API server that are under way at once; the others wait before their time begins. */
export const requestsAtOnce = 20;
const limit = pLimit(requestsAtOnce);

/** A hiccup is got over; who waits for something goes on asking after that (waitFor). Milliseconds. */
const retries = { retries: 3, minTimeout: 100, maxRetryTime: 5_000 } as const;

/** The client itself waits for ever for an API server that is there and says nothing. */
async function answered<T>(request: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerSeconds} s`)), answerSeconds * 1000);
  });
  return Promise.race([request, tooLong]).finally(() => clearTimeout(timer));
}

const answerSeconds = 20;

function plain(error: unknown): KubernetesError {
  if (error instanceof ApiException) {
    const { message = "", details } = bodyOf(error);
    const conflicts = (details?.causes ?? []).flatMap(conflictIn);
    return new KubernetesError(`the API server answers ${error.code}: ${message}`, error.code, conflicts);
  }
  return new KubernetesError(`the API server is not reached: ${describeError(rootOf(error))}`, undefined);
}

/** fetch itself says no more than that it failed. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

interface Cause {
  reason?: string;
  message?: string;
  field?: string;
}

/** It may be parsed or not. */
function bodyOf({ body }: ApiException<unknown>): { message?: string; details?: { causes?: Cause[] } } {
  try {
    return (typeof body === "string" ? JSON.parse(body) : body) ?? {};
  } catch {
    return {};
  }
}

/** `conflict with "kubectl-annotate" using v1`; one who applies uses no version. */
function conflictIn({ reason, message = "", field = "" }: Cause): FieldConflict[] {
  const [, manager] = /^conflict with "([^"]*)"/.exec(message) ?? [];
  if (reason !== "FieldManagerConflict" || manager === undefined) return [];
  const subresource = message.includes(" with subresource ");
  return [{ manager, operation: message.includes(" using ") ? "Update" : "Apply", subresource, field }];
}
