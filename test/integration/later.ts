import assert from "node:assert/strict";
import { realPorts } from "../../rotation/ports";
import { openStack } from "../../rotation/stack/openStack";
import { type SecretStatus, statusOf } from "../../rotation/status/status";
import { type Project, region } from "./project";

/** The clock of somebody who looks so many hours later. */
export const clockAfter = (hours: number) => ({ now: () => new Date(Date.now() + hours * 3_600_000) });

/** The status of a project's first secret, so many hours later. */
export async function statusAfter(project: Project, hours: number): Promise<SecretStatus> {
  const { config } = await openStack(project.stack, project.folder);
  const { secretsManager } = realPorts({ region });
  const [found] = await statusOf(config, { secretsManager, clock: clockAfter(hours) }, {}, 86_400);
  assert.ok(found);
  return found;
}
