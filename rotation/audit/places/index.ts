import { resolve } from "node:path";
import type { AuditDeclaration } from "../../../infra/config/auditSchema";
import type { Ports } from "../../ports";
import { cloudWatchLogsPlace } from "./cloudWatchLogs";
import { filePlace } from "./file";
import type { AuditPlace } from "./place";
import { s3Place } from "./s3";

/** The declared places, in the order in which `history` tries them. @param project  its folder */
export function placesOf({ s3, cloudWatchLogs, file }: AuditDeclaration, ports: Ports, project: string): AuditPlace[] {
  return [
    ...(s3 ? [s3Place(s3, ports)] : []),
    ...(cloudWatchLogs ? [cloudWatchLogsPlace(cloudWatchLogs, ports)] : []),
    ...(file ? [filePlace(resolve(project, file))] : []),
  ];
}
