import type { StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import { type Ports, realPorts } from ".";

/**
 * The real ones for a stack.
 *
 * @throws {UsageError} when the credentials are another account's than the stack allows, as its provider would say
 */
export async function openPorts(config: StackConfig): Promise<Ports> {
  const ports = realPorts(config);
  const { allowedAccountIds: allowed, forbiddenAccountIds: forbidden = [] } = config;
  if (allowed === undefined && forbidden.length === 0) return ports;
  // arn:aws:sts::123456789012:assumed-role/…
  const account = (await ports.sts.caller())?.split(":")[4] ?? "";
  if ((allowed?.includes(account) ?? true) && !forbidden.includes(account)) return ports;
  const rule = allowed ? `aws:allowedAccountIds has ${allowed.join(", ")}` : "aws:forbiddenAccountIds has it";
  throw new UsageError(
    `the AWS credentials belong to account ${account}, and ${rule}: log in to the account of stack ${config.stack}`,
  );
}
