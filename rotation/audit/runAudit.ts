import { AuditError, describeError } from "../errors";
import type { Ports } from "../ports";
import type { RunResult } from "../result";
import type { OpenStack } from "../stack/openStack";
import { placesOf } from "./places";
import type { AuditPlace } from "./places/place";
import { type AuditRecord, type RunContext, type RunIntent, recordOf } from "./record";
import { runContextOf } from "./runContext";

/** Puts one run on record. */
export interface RunAudit {
  /** Before anything is touched. @throws {AuditError} when a place cannot be written */
  started(run: RunResult): Promise<void>;
  /** @returns false when a place cannot be written: then stderr has got the record */
  ended(run: RunResult, error?: unknown): Promise<boolean>;
}

/** @returns undefined when the stack declares no audit trail */
export function runAuditOf({ config, project }: OpenStack, ports: Ports, intent: RunIntent): RunAudit | undefined {
  if (config.audit === undefined) return undefined;
  const places = placesOf(config.audit, ports, project);
  const context = () => runContextOf(config, ports, intent);
  return runAudit(places, context, ports, (line) => process.stderr.write(`${line}\n`));
}

export function runAudit(
  places: readonly AuditPlace[],
  context: () => Promise<RunContext>,
  { clock }: Pick<Ports, "clock">,
  say: (line: string) => void,
): RunAudit {
  let asked: Promise<RunContext> | undefined;
  const known = () => {
    asked ??= context();
    return asked;
  };
  const endedRecord = async (run: RunResult, error: unknown) =>
    recordOf(await known(), run, { at: clock.now(), error });
  return {
    async started(run) {
      const { written, failures } = await appendAll(places, recordOf(await known(), run));
      if (failures.length === 0) return;
      const error = new AuditError(`the audit trail cannot be written: ${failures.join("; ")}; nothing was changed`);
      // Where the start stands already, so does its end.
      await appendAll(written, await endedRecord(run, error));
      throw error;
    },
    async ended(run, error) {
      const record = await endedRecord(run, error);
      const { failures } = await appendAll(places, record);
      if (failures.length === 0) return true;
      say(`the audit trail cannot be written: ${failures.join("; ")}. What it should have got:`);
      say(JSON.stringify(record));
      return false;
    },
  };
}

async function appendAll(places: readonly AuditPlace[], record: AuditRecord) {
  const [written, failures]: [AuditPlace[], string[]] = [[], []];
  await Promise.all(
    places.map(async (place) => {
      try {
        await place.append(record);
        written.push(place);
      } catch (error) {
        failures.push(`${place.name}: ${describeError(error)}`);
      }
    }),
  );
  return { written, failures };
}

/**
 * Does the work of a run between its two records.
 *
 * @param soFar  what is known of the run at the moment
 * @param aside  what else is told of its end meanwhile; it returns what did not succeed
 */
export async function audited(
  audit: RunAudit | undefined,
  soFar: () => RunResult,
  work: () => Promise<void>,
  aside: (run: RunResult, error?: unknown) => Promise<readonly string[]> = async () => [],
): Promise<RunResult> {
  const tell = async (run: RunResult, error: unknown) => {
    for (const warning of await aside(run, error)) process.stderr.write(`warning: ${warning}\n`);
  };
  await audit?.started(soFar()).catch(async (error) => {
    await tell(soFar(), error);
    throw error;
  });
  try {
    await work();
  } catch (error) {
    const run = soFar();
    await Promise.all([audit?.ended(run, error), tell(run, error)]);
    throw error;
  }
  const result = soFar();
  const [recorded, warnings] = await Promise.all([audit?.ended(result), aside(result)]);
  return { ...result, recorded, ...(warnings.length > 0 && { warnings }) };
}
