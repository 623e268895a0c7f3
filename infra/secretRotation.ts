import type { SecretRotationArgs } from "@pulumi/aws/secretsmanager";
import type { Input } from "@pulumi/pulumi";
import { daysBetweenRotations, type NativeRotation } from "./config/nativeSchema";

/**
 * AWS's own rotation of one secret, as its declaration has it. Setting it writes no value, unless it says rotateImmediately:
 * the provider's own default would rotate whenever it is made or changed. Of a function, AWS then tries the step `testSecret`.
 * Taking it away cancels the rotation in AWS, and leaves the value.
 *
 * @param secretId  ARN of the secret
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export function secretRotationArgs(secretId: Input<string>, native: NativeRotation): SecretRotationArgs {
  const { lambda, external, schedule, window, rotateImmediately } = native;
  const automaticallyAfterDays = daysBetweenRotations(native);
  return {
    secretId,
    rotateImmediately,
    ...(lambda !== undefined && { rotationLambdaArn: lambda }),
    ...(external && {
      externalSecretRotationRoleArn: external.roleArn,
      externalSecretRotationMetadatas: Object.entries(external.metadata).map(([key, value]) => ({ key, value })),
    }),
    rotationRules: {
      ...(automaticallyAfterDays !== undefined && { automaticallyAfterDays }),
      ...(schedule !== undefined && { scheduleExpression: schedule }),
      ...(window !== undefined && { duration: window }),
    },
  };
}
