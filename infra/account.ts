import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity";
import type { StackConfig } from "./config/stackConfig";

/** The account that the stack is in, twelve digits. AWS is asked where the configuration allows several. */
export async function accountOf({ allowedAccountIds }: Pick<StackConfig, "allowedAccountIds">): Promise<string> {
  const [only, ...more] = allowedAccountIds ?? [];
  return only !== undefined && more.length === 0 ? only : (await getCallerIdentity()).accountId;
}
