import type { Diff } from "./diff";
import type { PropertyMap } from "./propertyValues";

/** What every call about a resource brings along. */
export interface ResourceCall<Config> {
  readonly urn: string;
  /** The type token, e.g. `aws:secretsmanager/secret:Secret`. */
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  readonly config: Config;
  /** Ends what the call waits for: the user cancelled the update, or the engine is gone. */
  readonly signal: AbortSignal;
}

export interface CheckCall<Config> extends ResourceCall<Config> {
  readonly oldInputs: PropertyMap | undefined;
  readonly inputs: PropertyMap;
  readonly randomSeed: Uint8Array;
  /** The name that the engine's own autonaming asks for, if it is configured. */
  readonly proposedName: string | undefined;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export interface DiffCall<Config> extends ResourceCall<Config> {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly inputs: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface CreateCall<Config> extends ResourceCall<Config> {
  readonly inputs: PropertyMap;
  /** From the resource option `customTimeouts`. */
  readonly timeoutSeconds: number | undefined;
}

export interface UpdateCall<Config> extends CreateCall<Config> {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface ReadCall<Config> extends ResourceCall<Config> {
  readonly id: string;
  /** Both are empty for an import. */
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
}

export interface DeleteCall<Config> extends ResourceCall<Config> {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly timeoutSeconds: number | undefined;
}

export interface Created {
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface Read extends Created {
  readonly inputs: PropertyMap;
}

/**
 * A type of resource. Property maps hold marked secrets and unknowns (see propertyValues). `check`, `diff` and the
 * previews run for every resource of every preview and use no network.
 */
export interface ResourceType<Config> {
  check(call: CheckCall<Config>): CheckResult;
  diff(call: DiffCall<Config>): Diff;
  previewCreate(call: CreateCall<Config>): PropertyMap;
  previewUpdate(call: UpdateCall<Config>): PropertyMap;
  /** @throws PartialError if it was created, but is not what it should be. */
  create(call: CreateCall<Config>): Promise<Created>;
  /** Undefined if there is no such resource (any more). */
  read(call: ReadCall<Config>): Promise<Read | undefined>;
  update(call: UpdateCall<Config>): Promise<PropertyMap>;
  delete(call: DeleteCall<Config>): Promise<void>;
}

export interface InvokeCall<Config> {
  readonly token: string;
  readonly args: PropertyMap;
  readonly config: Config;
  readonly signal: AbortSignal;
}

export interface Provider<Config> {
  readonly name: string;
  readonly version: string;
  configure(args: PropertyMap): Config;
  resourceType(type: string): ResourceType<Config>;
  invoke(call: InvokeCall<Config>): Promise<PropertyMap>;
}

/** The resource exists, but did not become what it should be: the engine records it together with the reasons. */
export class PartialError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: PropertyMap,
    readonly reasons: readonly string[],
    /** Only for a resource that was read. */
    readonly inputs?: PropertyMap,
  ) {
    super(message);
    this.name = "PartialError";
  }
}
