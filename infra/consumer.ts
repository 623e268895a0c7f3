import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import { workloadPatchObject } from "./kubernetesObjects";
import type { ManagedSecret } from "./managedSecret";
import { neverSynced, restartAnnotation, types, versionAnnotation, workloadName, workloadTitle } from "./names";
import { type Rotation, restarts } from "./rotation";

/** A secret that the workload takes, and its resources. */
export interface TakenSecret {
  readonly declaration: SecretDeclaration;
  readonly managed: ManagedSecret;
}

/**
 * The restart of one workload: a patch that sets an annotation per secret, its version id, on the pod template.
 * Secrets that rotate together cause one rollout, which the driver awaits.
 */
export class Consumer extends pulumi.ComponentResource {
  constructor(workload: ConsumerDeclaration, taken: readonly TakenSecret[], environment: string, rotation: Rotation) {
    super(types.consumer, workloadName(workload), {});
    const isRestart = ({ declaration }: TakenSecret) => restarts(rotation, declaration.name, workloadName(workload));
    const rotating = taken.filter(isRestart);
    const names = rotating.map(({ declaration }) => declaration.name);
    const synced = (hook: pulumi.ResourceHookArgs) => rotation.synced(names, hook);
    const externalSecrets = taken.flatMap(({ managed }) => managed.externalSecrets.get(workload.namespace) ?? []);
    new CustomResourcePatch(
      workloadName(workload),
      workloadPatchObject(workload, annotationsOf(workload.namespace, taken, environment)),
      {
        parent: this,
        dependsOn: externalSecrets,
        retainOnDelete: true,
        // A frozen secret's annotation stays as recorded, even where its own rotation stopped half-way; so does that of one
        // for which Reloader restarts the workload.
        ignoreChanges: taken
          .filter((secret) => !isRestart(secret))
          .map(
            ({ declaration }) =>
              `spec.template.metadata.annotations["${restartAnnotation(environment, declaration.name)}"]`,
          ),
        hooks:
          rotating.length > 0
            ? { beforeCreate: [synced], beforeUpdate: [synced] }
            : { beforeCreate: [isGone(workload)] },
      },
    );
    this.registerOutputs({});
  }
}

/**
 * The hook before a patch that no rotation asks for: the state had it when the program began, so this update's refresh has
 * found that there is no such workload. The engine has no way to leave a resource out at that point.
 */
function isGone(workload: ConsumerDeclaration): () => never {
  return () => {
    throw new Error(
      `${workloadTitle(workload)} is gone, and the stack's state has forgotten it just now: run pulumi up once more. Deploy it again, or take it out of the consumers`,
    );
  };
}

/** The version id is taken from the ExternalSecret's output, so that only a promoted version restarts anything. */
function annotationsOf(
  namespace: string,
  taken: readonly TakenSecret[],
  environment: string,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(
    taken.map(({ declaration, managed }) => [
      restartAnnotation(environment, declaration.name),
      pulumi
        .output(managed.externalSecrets.get(namespace)?.metadata)
        .apply((metadata) => metadata?.annotations?.[versionAnnotation] ?? neverSynced),
    ]),
  );
}
