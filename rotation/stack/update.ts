import { ConcurrentUpdateError, type EngineEvent, type OpType } from "@pulumi/pulumi/automation";
import type * as infra from "../../infra/program";
import type { Rotation } from "../../infra/rotation";
import { type Reloaded, secretVersionUrn, urnsOf, valueUrns } from "../../infra/urns";
import { UsageError } from "../errors";
import type { Interruption } from "../interruption";
import { clearingDeadLock, lockText, ownUpdatesOf } from "./deadLock";
import { engineError } from "./engineError";
import type { OpenStack } from "./openStack";
import type { OwnUpdates } from "./ownUpdates";
import { lockedError } from "./remoteRuns";

/** What happens to one resource in an update. */
export interface ResourceEvent {
  readonly urn: string;
  readonly op: OpType;
  readonly phase: "started" | "done" | "failed";
  /** Of a failed one: what the provider or a gate said. */
  readonly message?: string;
}

/** Loaded when an update needs it, while the CLI selects the stack: the providers' SDKs take a quarter of a second. */
function program(...args: Parameters<typeof infra.program>): ReturnType<typeof infra.program> {
  return (require("../../infra/program") as typeof infra).program(...args);
}

export interface UpdateOptions {
  readonly targets: readonly string[];
  /** Recorded in the backend's history. */
  readonly message: string;
  readonly onResource: (event: ResourceEvent) => void;
  readonly interruption: Interruption;
  /**
   * Whether the state is written at the end alone, where it would be written after every step (backends of files and
   * buckets do): for an update that ends the same when it is repeated after a kill.
   */
  readonly savedOnce?: boolean;
  /** Resources that the engine works on at once; default: its own, four a core. Gates that wait hold one each. */
  readonly parallel?: number;
}

/** The CLI takes each target as an argument, and Linux at most 2 MiB of them, the environment included. */
const targetBytes = 1.5 * 2 ** 20;

/**
 * Every resource of the named secrets, and nothing else: drift elsewhere is never applied by a rotation.
 *
 * @param reloaded  of a secret: the consumers that the run does not restart
 * @param unwritten  names of those that have no SecretVersion, and get none: the engine refuses a target that there is not
 * @throws {UsageError} when they are more than one update takes, some two thousand secrets
 */
export function targetsOf(
  { config }: OpenStack,
  names: ReadonlySet<string>,
  which: "all" | "values",
  reloaded: (secret: string) => Reloaded | undefined = () => undefined,
  unwritten: ReadonlySet<string> = new Set(),
): string[] {
  const targets = config.secrets
    .filter(({ name }) => names.has(name))
    .flatMap((secret) =>
      which === "values" ? valueUrns(config.stack, secret) : urnsOf(config.stack, secret, reloaded(secret.name)),
    );
  const none = new Set([...unwritten].map((name) => secretVersionUrn(config.stack, name)));
  const distinct = [...new Set(targets)].filter((target) => !none.has(target));
  const bytes = distinct.reduce((sum, urn) => sum + "--target".length + urn.length + 2, 0);
  if (bytes > targetBytes) {
    throw new UsageError(`${names.size} secrets are more than one update takes: name fewer, or one --type at a time`);
  }
  return distinct;
}

/**
 * Runs the program once, on the targets only. One resource's failure stops what depends on it and nothing else. The lock
 * of an engine of the driver's that died on this machine is cleared, and that of a run of CI that has ended.
 *
 * @param rotation  or what makes it, once the stack's lock is held; where that throws, nothing is touched
 * @returns the engine's error when something failed, else undefined
 * @throws {InterruptedError} when the run is to end
 * @throws {StackLockedError} when another update holds the stack; this one has touched nothing then
 */
export async function update(
  open: OpenStack,
  rotation: Rotation | (() => Promise<Rotation>),
  options: UpdateOptions,
): Promise<unknown> {
  const { stack, config } = open;
  const up = async () => {
    const { envVars } = stack.workspace;
    const before = envVars[skipCheckpoints];
    if (options.savedOnce) envVars[skipCheckpoints] = "true";
    try {
      await stack.up({
        program: async () => program(config, typeof rotation === "function" ? await rotation() : rotation),
        target: [...options.targets],
        continueOnError: true,
        ...(options.parallel !== undefined && { parallel: options.parallel }),
        message: options.message,
        onEvent: resourceEvents(options.onResource),
        color: "never",
        signal: options.interruption.engine,
      });
    } finally {
      // An undefined one takes the user's own out.
      envVars[skipCheckpoints] = before as string;
    }
  };
  // An engine that is not there yet hears of none.
  options.interruption.throwIfAsked();
  const own = ownUpdatesOf(open);
  try {
    await clearingDeadLock(open, own, () => noted(open, own, up));
    return undefined;
  } catch (error) {
    options.interruption.throwIfAsked();
    const text = lockText(error);
    if (text !== undefined) throw await lockedError(open, text);
    return engineError(error);
  }
}

/** @see https://www.pulumi.com/docs/iac/cli/environment-variables/ */
const skipCheckpoints = "PULUMI_SKIP_CHECKPOINTS";

async function noted(open: OpenStack, own: OwnUpdates, up: () => Promise<unknown>): Promise<void> {
  const begun = own.begin();
  const ended = new AbortController();
  void noteEngine(open, ended.signal);
  try {
    await up().finally(() => ended.abort());
  } catch (error) {
    if (error instanceof ConcurrentUpdateError) own.refused(begun);
    else if (endedByItself(error)) own.ended(begun);
    else await open.endOrphans();
    throw error;
  }
  own.ended(begun);
}

/** For the run that finds this one's lock, should it be lost. */
async function noteEngine({ remote, engine }: OpenStack, ended: AbortSignal): Promise<void> {
  const pid = remote?.noteEngine && (await engine(ended));
  if (pid !== undefined) await remote?.noteEngine?.(pid);
}

/** One that was killed has no exit code, and may have left its lock. */
function endedByItself(error: unknown): boolean {
  const { commandResult } = error as { commandResult?: { err?: { exitCode?: number } } };
  return commandResult?.err?.exitCode !== undefined;
}

export interface PreviewOptions extends UpdateOptions {
  /** Folders of policy packs, and a file of configuration for each. */
  readonly policy: { readonly packs: string[]; readonly configs: string[] };
  readonly onViolation: (violation: Violation) => void;
  /** Aborted when nobody needs it any more. */
  readonly abandoned?: AbortSignal;
}

export interface Violation {
  readonly policy: string;
  readonly level: "advisory" | "mandatory";
  readonly urn: string;
  readonly message: string;
}

/**
 * What `update` would do: a real preview, judged by policies.
 *
 * @throws Error when it fails by anything but a violated policy
 */
export async function preview(open: OpenStack, rotation: Rotation, options: PreviewOptions): Promise<void> {
  const { stack } = open;
  let violated = false;
  const follow = resourceEvents(options.onResource);
  options.interruption.throwIfAsked();
  try {
    await stack.preview({
      program: () => program(open.config, rotation),
      target: [...options.targets],
      policyPacks: options.policy.packs,
      policyPackConfigs: options.policy.configs,
      onEvent: (event) => {
        follow(event);
        if (!event.policyEvent) return;
        const { policyName, enforcementLevel, resourceUrn = "", message } = event.policyEvent;
        const level = enforcementLevel === "mandatory" ? "mandatory" : "advisory";
        violated ||= level === "mandatory";
        // The engine puts the policy's description before what was found.
        const found = message.trim().split("\n").at(-1) ?? "";
        options.onViolation({ policy: policyName, level, urn: resourceUrn, message: found });
      },
      color: "never",
      signal: AbortSignal.any([options.interruption.engine, ...(options.abandoned ? [options.abandoned] : [])]),
    });
  } catch (error) {
    options.interruption.throwIfAsked();
    if (!violated) throw engineError(error);
  }
}

function resourceEvents(onResource: (event: ResourceEvent) => void): (event: EngineEvent) => void {
  // A failed resource is told first by its diagnostics, then by the failure itself.
  const messages = new Map<string, string>();
  return (event) => {
    const { diagnosticEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (diagnosticEvent?.urn && diagnosticEvent.severity === "error") {
      messages.set(diagnosticEvent.urn, diagnosticEvent.message.trim());
    }
    if (resourcePreEvent) {
      onResource({ urn: resourcePreEvent.metadata.urn, op: resourcePreEvent.metadata.op, phase: "started" });
    }
    if (resOutputsEvent) {
      onResource({ urn: resOutputsEvent.metadata.urn, op: resOutputsEvent.metadata.op, phase: "done" });
    }
    if (resOpFailedEvent) {
      const { urn, op } = resOpFailedEvent.metadata;
      onResource({ urn, op, phase: "failed", message: messages.get(urn) ?? "the operation failed" });
    }
  };
}
