import * as pulumi from "@pulumi/pulumi";

/**
 * The error by which the program refuses the stack's configuration. Pulumi shows its text alone. It has no stack trace: the
 * SDK would format one for its telemetry, which took half a minute with source maps.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/run/error.ts: defaultErrorMessage
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = "";
  return error;
}
