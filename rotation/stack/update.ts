import { ConcurrentUpdateError, type EngineEvent, type OpType } from "@pulumi/pulumi/automation";
import type * as infra from "../../infra/program";
import type { Rotation } from "../../infra/rotation";
import { UsageError } from "../errors";
import type { Interruption } from "../run/interruption";
import { engineHome } from "./engineHome";
import { mayClear } from "./lock";
import type { OpenStack } from "./openStack";
import { OwnUpdates } from "./ownUpdates";
import { lockedError, mayClearRemote } from "./remoteRuns";
import { urnsOf, valueUrns } from "./urns";

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
}

/** The CLI takes each target as an argument, and Linux at most 2 MiB of them, the environment included. */
const targetBytes = 1.5 * 2 ** 20;

/**
 * Every resource of the named secrets, and nothing else: drift elsewhere is never applied by a rotation.
 *
 * @throws {UsageError} when they are more than one update takes, some two thousand secrets
 */
export function targetsOf({ config }: OpenStack, names: ReadonlySet<string>, which: "all" | "values"): string[] {
  const urns = which === "values" ? valueUrns : urnsOf;
  const targets = config.secrets.filter(({ name }) => names.has(name)).flatMap((secret) => urns(config.stack, secret));
  const distinct = [...new Set(targets)];
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
 * @returns the engine's error when something failed, else undefined
 * @throws {InterruptedError} when the run is to end
 * @throws {StackLockedError} when another update holds the stack; this one has touched nothing then
 */
export async function update(open: OpenStack, rotation: Rotation, options: UpdateOptions): Promise<unknown> {
  const { stack } = open;
  // No target is among the alarms, and what is neither declared nor a target is kept.
  const config = { ...open.config, alarms: undefined };
  const up = () =>
    stack.up({
      program: () => program(config, rotation),
      target: [...options.targets],
      continueOnError: true,
      message: options.message,
      onEvent: resourceEvents(options.onResource),
      color: "never",
      signal: options.interruption.engine,
    });
  // An engine that is not there yet hears of none.
  options.interruption.throwIfAsked();
  const own = new OwnUpdates(stack.workspace.pulumiHome ?? engineHome(), open.config.stack);
  try {
    await noted(open, own, up).catch(async (error) => {
      if (!(error instanceof ConcurrentUpdateError)) throw error;
      if (!mayClear(own, error.message) && !(await mayClearRemote(open.remote, error.message))) throw error;
      await open.endOrphans();
      await stack.cancel();
      await noted(open, own, up);
    });
    return undefined;
  } catch (error) {
    options.interruption.throwIfAsked();
    if (error instanceof ConcurrentUpdateError) throw await lockedError(open, error.message);
    return engineError(error);
  }
}

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

/** The engine's error without its whole output: the lines that say what is wrong. */
function engineError(error: unknown): Error {
  const lines = String((error as Error).message)
    .split("\n")
    .filter((line) => /error: /.test(line));
  const text = [...new Set(lines.map((line) => line.replace(/^.*?error: /, "").trim()))].join("; ");
  return new Error(text || "the engine ended before the update did", { cause: error });
}

export interface PreviewOptions extends UpdateOptions {
  /** Folders of policy packs, and a file of configuration for each. */
  readonly policy: { readonly packs: string[]; readonly configs: string[] };
  readonly onViolation: (violation: Violation) => void;
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
      signal: options.interruption.engine,
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
