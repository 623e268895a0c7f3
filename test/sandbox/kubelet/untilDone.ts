import pRetry from "p-retry";

/** Does something at the API server, again and again while that does not answer: a kubelet never gives up on it. */
export async function untilDone(what: string, action: () => Promise<void>): Promise<void> {
  await pRetry(action, {
    ...{ retries: Number.POSITIVE_INFINITY, minTimeout: 200, maxTimeout: 2000 },
    onFailedAttempt: ({ error }) => console.error(`${what}: ${error.message}`),
  });
}
