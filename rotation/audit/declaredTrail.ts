import type { StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import type { Ports } from "../ports";
import { placesOf } from "./places";
import type { AuditPlace } from "./places/place";

/**
 * The places of the stack's audit trail.
 *
 * @param project  its folder
 * @throws {UsageError} what to declare, where the stack declares none
 */
export function declaredTrail({ audit, stack }: StackConfig, ports: Ports, project: string): AuditPlace[] {
  if (audit !== undefined) return placesOf(audit, ports, project);
  const example = "secret-rotation:audit: {s3: {bucket: acme-audit}}";
  const message = `Pulumi.${stack}.yaml declares no audit trail: add a place to it, e.g. ${example}`;
  throw new UsageError(`${message}, or cloudWatchLogs: {logGroup: …}, or file: …`);
}
