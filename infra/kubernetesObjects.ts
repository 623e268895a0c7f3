import { goDuration } from "./config/duration";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import type { StackConfig } from "./config/stackConfig";
import { fullName, versionAnnotation } from "./names";

// What a rotation applies in Kubernetes, as plain objects: the program hands them to the provider, and the driver's check
// tries them by a server-side dry run. `T` is a text for the driver, and an output for the program.

/** What others write of the fields that are applied is taken over: Pulumi's provider would refuse them otherwise. */
const owned = { "pulumi.com/patchForce": "true" } as const;

/**
 * The ExternalSecret of one secret in one namespace.
 *
 * @param version  the id that makes the operator read at once
 */
export function externalSecretObject<T>(
  namespace: string,
  { name, externalSecret }: Pick<SecretDeclaration, "name" | "externalSecret">,
  { environment, secretStore }: Pick<StackConfig, "environment" | "secretStore">,
  version: T,
) {
  if (!externalSecret) throw new Error(`${name}: no externalSecret`);
  const { target, keys, refreshInterval } = externalSecret;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: target, namespace, annotations: { ...owned, [versionAnnotation]: version } },
    spec: {
      refreshInterval: goDuration(refreshInterval),
      secretStoreRef: { name: secretStore.name, kind: secretStore.kind },
      target: { name: target, creationPolicy: "Owner", deletionPolicy: "Retain" },
      data: keys.map(({ key, property }) => ({
        secretKey: key,
        remoteRef: { key: fullName(environment, name), ...(property === undefined ? {} : { property }) },
      })),
    },
  };
}

/**
 * The patch that restarts a workload. The driver waits for the rollout, not the provider: a rollout that is stuck would stay
 * in the state as a patch that failed, and the next `pulumi up` would wait for it.
 *
 * @param annotations  of its pod template, one a secret
 */
export function workloadPatchObject<T>(
  { namespace, name }: Pick<ConsumerDeclaration, "namespace" | "name">,
  annotations: Readonly<Record<string, T>>,
) {
  return {
    metadata: { name, namespace, annotations: { ...owned, "pulumi.com/skipAwait": "true" } },
    spec: { template: { metadata: { annotations } } },
  };
}
