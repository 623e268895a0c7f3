import type { Declared } from "./declared";
import { type PolicyDocument, policyDocument } from "./policyDocument";
import { allow, secretArn } from "./statements";
import { limits, withinLimit } from "./withinLimit";

/**
 * What setting AWS's own rotation needs beside the rotation's policy, for whoever runs `pulumi up` or `migrate`. No rotation
 * needs it. Undefined: the stack sets none.
 *
 * @param limit  characters that the policy may have
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 * @throws {PolicyTooLong}
 */
export function nativePolicy(declared: Declared, limit: number = limits.managed): PolicyDocument | undefined {
  const { native, rotationFunctions, rotationRoles } = declared;
  if (native.length === 0) return undefined;
  const setting = ["secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"];
  const passed = { StringEquals: { "iam:PassedToService": "secretsmanager.amazonaws.com" } };
  return withinLimit(declared, native, limit, (names) =>
    policyDocument([
      allow(
        "RotationByAws",
        setting,
        names.map((name) => secretArn(declared, name)),
      ),
      rotationFunctions.length > 0
        ? allow("RotationFunctions", ["lambda:InvokeFunction"], rotationFunctions)
        : undefined,
      rotationRoles.length > 0 ? allow("RotationRoles", ["iam:PassRole"], rotationRoles, passed) : undefined,
    ]),
  );
}
