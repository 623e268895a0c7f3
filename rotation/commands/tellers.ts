import type { RunIntent } from "../audit/record";
import { runAuditOf } from "../audit/runAudit";
import { noticesOf } from "../notify/notices";
import type { Ports } from "../ports";
import type { RotateRequest } from "../run/request";
import type { OpenStack } from "../stack/openStack";

/** What puts a run on record, and who is told of its end, as the stack declares them. */
export function tellersOf(open: OpenStack, ports: Ports, intent: RunIntent): Pick<RotateRequest, "audit" | "notices"> {
  return { audit: runAuditOf(open, ports, intent), notices: noticesOf(open, ports, intent) };
}
