/**
 * The options of every AWS client here. Its retries adapt to throttling, and come to an end: what failed then is told.
 *
 * @param region  AWS region; credentials come from the environment, as for every AWS tool
 * @param endpoint  URL; undefined: AWS_ENDPOINT_URL or AWS's own
 */
export function awsClient(region: string, endpoint: string | undefined) {
  return { region, retryMode: "adaptive", maxAttempts: 5, ...(endpoint !== undefined && { endpoint }) } as const;
}
