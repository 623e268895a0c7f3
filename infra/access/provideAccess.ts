import { accountOf } from "../account";
import type { AccessDeclaration } from "../config/accessSchema";
import type { StackConfig } from "../config/stackConfig";
import { refusal } from "../refusal";
import { githubProviderOfOthers } from "./githubProvider";
import { RotationAccess } from "./rotationAccess";
import { PolicyTooLong } from "./withinLimit";

/**
 * Makes the roles that the stack declares.
 *
 * @throws {RunError} when a policy would be longer than IAM takes, or GitHub's provider is for others
 */
export async function provideAccess(config: StackConfig, access: AccessDeclaration): Promise<RotationAccess> {
  const account = await accountOf(config);
  const githubProvider = access.github && (await githubProviderOfOthers());
  try {
    return new RotationAccess(config, access, { account, githubProvider });
  } catch (error) {
    throw error instanceof PolicyTooLong ? refusal(`secret-rotation:access: ${error.message}`) : error;
  }
}
