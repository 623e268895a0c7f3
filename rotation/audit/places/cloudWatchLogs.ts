import type { AuditDeclaration } from "../../../infra/config/auditSchema";
import type { Ports } from "../../ports";
import { parseRecord } from "../record";
import { type AuditPlace, keyOf, lastOf, readAhead } from "./place";

/** A stream for each run, with two events: streams can be listed from the newest, events only from the oldest. */
export function cloudWatchLogsPlace(
  { logGroup }: NonNullable<AuditDeclaration["cloudWatchLogs"]>,
  { cloudWatchLogs }: Pick<Ports, "cloudWatchLogs">,
): AuditPlace {
  return {
    name: `log group ${logGroup}`,
    append: (record) => cloudWatchLogs.append(logGroup, keyOf(record), JSON.stringify(record)),
    runs: (environment) =>
      readAhead(cloudWatchLogs.streams(logGroup, `${environment}/`), async (stream) =>
        lastOf((await cloudWatchLogs.messages(logGroup, stream)).map(parseRecord)),
      ),
  };
}
