import { goDuration } from "./config/duration";
import type { ConsumerDeclaration, SecretDeclaration } from "./config/secretSchema";
import { fieldManager, forceSyncAnnotation, fullName, secretStoreName } from "./names";

// What a rotation applies in Kubernetes, as plain objects: the program hands them to the provider, and the driver's check
// tries them by a server-side dry run. `T` is a text for the driver, and an output for the program.

/** The ExternalSecret of one secret in one namespace. `version` is the id that makes the operator read at once. */
export function externalSecretObject<T>(
  namespace: string,
  { name, externalSecret }: Pick<SecretDeclaration, "name" | "externalSecret">,
  environment: string,
  version: T,
) {
  if (!externalSecret) throw new Error(`${name}: no externalSecret`);
  const { target, keys, refreshInterval } = externalSecret;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: target, namespace, annotations: { [forceSyncAnnotation]: version } },
    spec: {
      refreshInterval: goDuration(refreshInterval),
      secretStoreRef: { name: secretStoreName, kind: "SecretStore" },
      target: { name: target, creationPolicy: "Owner", deletionPolicy: "Retain" },
      data: keys.map(({ key, property }) => ({
        secretKey: key,
        remoteRef: { key: fullName(environment, name), ...(property === undefined ? {} : { property }) },
      })),
    },
  };
}

/** The patch that restarts a workload. `annotations` are those of its pod template, one a secret. */
export function workloadPatchObject<T>(
  { namespace, name }: Pick<ConsumerDeclaration, "namespace" | "name">,
  annotations: Readonly<Record<string, T>>,
) {
  return {
    metadata: { name, namespace, annotations: { "pulumi.com/patchFieldManager": fieldManager } },
    spec: { template: { metadata: { annotations } } },
  };
}
