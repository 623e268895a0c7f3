import { fullName } from "../../infra/names";
import { noRotation, type Rotation } from "../../infra/rotation";
import { nameIn, secretRotationUrn, secretUrn } from "../../infra/urns";
import { audited } from "../audit/runAudit";
import { describeError, RotationError, StackLockedError } from "../errors";
import { versionWith } from "../ports/secretsManager";
import { throwIfCutOff } from "../stack/mend";
import { partOf } from "../stack/partOf";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { preview, update } from "../stack/update";
import { driverCan, type MigrateRequest, readyToMigrate } from "./migratable";
import { type ConfigurationChange, configurationChange, type Target } from "./migration";
import { startRun } from "./startedRun";

export interface Migrated {
  readonly from: string;
  readonly to: string;
  readonly done: boolean;
  /** AWSCURRENT, before and after. */
  readonly versionId: string;
  readonly file: string;
  readonly changes: readonly string[];
  /** What happens in AWS, e.g. `create SecretRotation`. */
  readonly operations: readonly string[];
  readonly warnings: readonly string[];
  /** Whether the audit trail has got its end; undefined: nothing was done, or the stack declares none. */
  readonly recorded?: boolean | undefined;
}

/**
 * Has somebody else rotate a secret from now on, AWS or the driver: its declaration changes, and AWS's rotation is set or
 * cancelled. The value, its version and their labels stay. What a kill leaves half done is done by the same command again.
 *
 * @throws {UsageError} what stands against it; nothing was touched
 * @throws {AuditError} when the audit trail cannot be written; nothing was touched then
 * @throws {StackLockedError} when another update holds the stack; nothing was touched then
 */
export async function migrate(request: MigrateRequest): Promise<Migrated> {
  const { open, ports, secret, options, isMeant } = request;
  const change = await configurationChange(open, secret, options);
  const name = fullName(open.config.environment, secret.name);
  const [recorded, live] = await Promise.all([open.recorded(), ports.secretsManager.describe(name)]);
  throwIfCutOff(open, recorded);
  const versionId = readyToMigrate(request, change, recorded, live);
  const warnings = options.to === "driver" ? await driverCan(request, change, recorded) : [];
  // One that was set outside of the stack is cancelled outside of it.
  const cancels = options.to === "driver" && live?.rotation?.enabled === true && !recorded.get(secret.name)?.rotation;
  const operations = [
    ...(await previewed(request, change, recorded)),
    ...(cancels ? ["cancel the rotation that was set outside of this stack"] : []),
  ];
  const planned = { from: secret.strategy, to: change.declaration.strategy, versionId, file: change.file, operations };
  const result = { ...planned, changes: change.lines, warnings };
  if (!isMeant || (operations.length === 0 && change.lines.length === 0)) return { ...result, done: false };
  let current: string | undefined = versionId;
  const run = startRun(open.config.stack, ports);
  const soFar = () =>
    run.result([
      {
        secret: secret.name,
        fromStrategy: planned.from,
        strategy: planned.to,
        emergency: false,
        outcome: "migrated",
        oldVersionId: versionId,
        newVersionId: current,
        seconds: {},
        error: undefined,
        warnings,
      },
    ]);
  const { recorded: isRecorded } = await audited(request.audit, soFar, async () => {
    await done(request, change, recorded);
    if (cancels) await ports.secretsManager.cancelRotation(name);
    const after = await ports.secretsManager.describe(name);
    current = after && versionWith("AWSCURRENT", after);
  });
  const moved = `AWSCURRENT is ${current ?? "on no version"} now: AWS has rotated it meanwhile. npm run rotate -- ${secret.name} brings that to its consumers`;
  const told = [...warnings, ...(current === versionId ? [] : [moved])];
  return { ...result, done: true, warnings: told, recorded: isRecorded };
}

/** The update that sets AWS's rotation, or takes it away, and says who rotates from now on in the secret's tags. */
function updateOf(
  { open, ports, options }: MigrateRequest,
  { config, declaration }: ConfigurationChange,
  recorded: RecordedStack,
) {
  const { name } = declaration;
  const known = knownIn(recorded);
  const rotations = new Set(known.rotations);
  if (options.to === "native") rotations.add(name);
  else rotations.delete(name);
  const rotation: Rotation = {
    ...noRotation(ports.clock.now().toISOString()),
    known: { ...known, rotations },
    part: partOf(config, recorded, new Set([name])),
  };
  const isTouched = declaration.native !== undefined || recorded.get(name)?.rotation;
  const { stack } = config;
  const targets = [secretUrn(stack, name), ...(isTouched ? [secretRotationUrn(stack, name)] : [])];
  return { open: { ...open, config }, rotation, targets };
}

async function previewed(
  request: MigrateRequest,
  change: ConfigurationChange,
  recorded: RecordedStack,
): Promise<string[]> {
  const operations: string[] = [];
  const { open, rotation, targets } = updateOf(request, change, recorded);
  await preview(open, rotation, {
    targets,
    message: "preview of a migration",
    interruption: request.interruption,
    policy: { packs: [], configs: [] },
    onViolation: () => undefined,
    onResource: ({ urn, op, phase }) => {
      if (phase !== "started" || op === "same" || !targets.includes(urn)) return;
      operations.push(`${op} ${urn.includes("SecretRotation::") ? "SecretRotation" : "Secret"} ${nameIn(urn)}`);
    },
  });
  return operations;
}

async function done(request: MigrateRequest, change: ConfigurationChange, recorded: RecordedStack): Promise<void> {
  const { open, rotation, targets } = updateOf(request, change, recorded);
  const { interruption, secret, options } = request;
  // Before the update: what a kill leaves then is declared already, so that no pulumi up undoes it.
  change.write();
  const message = `migrate ${secret.name} to ${options.to satisfies Target}`;
  const error = await update(open, rotation, { targets, message, interruption, onResource: () => undefined }).catch(
    (locked: unknown) => {
      if (locked instanceof StackLockedError) change.takeBack();
      throw locked;
    },
  );
  if (error === undefined) return;
  const hint = `${change.file} says it already: run the same command again, or take the change back there`;
  const at = { secret: secret.name, step: "settle" } as const;
  throw new RotationError("UPDATE_FAILED", at, describeError(error), { retryable: true, hint, cause: error });
}
