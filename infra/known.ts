import type { StackConfig } from "./config/stackConfig";
import { type HeldVersions, heldVersions } from "./heldVersions";
import { restartAnnotation } from "./names";
import { type RecordedResources, recordedResources } from "./recordedResources";
import { refuseForeignRotation } from "./refuseForeignRotation";
import { refuseLoss, whyLost } from "./refuseLoss";
import { refuseTakeover } from "./refuseTakeover";

/** What the stack has got by rotations so far: leaving it out of the program would be a deletion, adding it a change. */
export interface Known {
  /** Names of the secrets with a SecretVersion in the stack, whose version is in AWS as far as is known. */
  readonly versioned: ReadonlySet<string>;
  /** Names of the secrets for which this update declares AWS's own rotation, where they declare one. */
  readonly rotations: ReadonlySet<string>;
  /** Names of the secrets that have a value in AWS, as far as is known: the stack does not delete them by itself. */
  readonly valued: ReadonlySet<string>;
  /**
   * Names of the ExternalSecrets that the stack has (see externalSecretName); undefined: this update makes those that it has
   * not. A rotation makes none, and nothing that it touches may wait for one.
   */
  readonly externalSecrets: ReadonlySet<string> | undefined;
  /** By the name of each workload with a patch: the names of the secrets whose annotation the patch has. */
  readonly workloads: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * What a plain `pulumi up` knows: the stack's state, compared with the versions that AWS lists. A version that was
 * deleted or pruned outside is not declared again: declaring it would be a creation, and only a rotation has a value.
 *
 * @throws {RunError} when the configuration would have the stack delete a value, or give its Kubernetes Secret away
 */
export async function knownBeforeUp(config: StackConfig): Promise<Known> {
  const recorded = await recordedResources();
  const held = await heldVersions([...recorded.secrets].map(([name, { arn }]) => [name, arn]));
  refuseTakeover(config, recorded);
  refuseLoss(config, recorded, held);
  await refuseForeignRotation(config, recorded);
  return knownFrom(recorded, held, config);
}

function knownFrom({ secrets, patches, rotations }: RecordedResources, held: HeldVersions, config: StackConfig): Known {
  const annotated = (annotations: ReadonlySet<string>) =>
    new Set(
      config.secrets
        .map(({ name }) => name)
        .filter((name) => annotations.has(restartAnnotation(config.environment, name))),
    );
  // A Secret that is let go, and made anew under another name, begins without a value.
  const names = [...secrets].flatMap(([name, { arn }]) => (whyLost(config, name, arn) === undefined ? [name] : []));
  const isHeld = (name: string) => {
    const versionId = secrets.get(name)?.versionId;
    return versionId !== undefined && (held.get(name)?.has(versionId) ?? true);
  };
  return {
    versioned: new Set(names.filter(isHeld)),
    // Rotated without a value, a function has nothing to begin with, and leaves a version that holds up every later one.
    rotations: new Set(names.filter((name) => rotations.has(name) || (held.get(name)?.size ?? 0) > 0)),
    valued: new Set(names.filter((name) => held.get(name)?.size !== 0)),
    externalSecrets: undefined,
    workloads: new Map([...patches].map(([workload, annotations]) => [workload, annotated(annotations)])),
  };
}
