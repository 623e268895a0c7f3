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
  const { target, type, keys, refreshInterval } = externalSecret;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: target, namespace, annotations: { ...owned, [versionAnnotation]: version } },
    spec: {
      refreshInterval: goDuration(refreshInterval),
      secretStoreRef: { name: secretStore.name, kind: secretStore.kind },
      target: {
        ...{ name: target, creationPolicy: "Owner", deletionPolicy: "Retain" },
        ...(type !== undefined && { template: templateOf(type, version) }),
      },
      data: keys.map(({ key, property }) => ({
        secretKey: key,
        remoteRef: { key: fullName(environment, name), ...(property === undefined ? {} : { property }) },
      })),
    },
  };
}

/** E.g. `apps/v1`. */
export function apiVersionOf({ api: { group, version } }: Pick<ConsumerDeclaration, "api">): string {
  return `${group}/${version}`;
}

/**
 * With a template External Secrets copies no annotation of the ExternalSecret onto the Secret: the version is named here too. The
 * data come in as without one.
 *
 * @see https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/controllers/externalsecret/externalsecret_controller_template.go
 */
function templateOf<T>(type: string, version: T) {
  return {
    ...{ type, engineVersion: "v2", mergePolicy: "Replace" },
    metadata: { annotations: { [versionAnnotation]: version } },
  };
}

/**
 * The patch that restarts a workload. The driver waits for the rollout, not the provider: a rollout that is stuck would stay
 * in the state as a patch that failed, and the next `pulumi up` would wait for it.
 *
 * @param annotations  of its pod template, one a secret
 */
export function workloadPatchObject<T>(
  consumer: Pick<ConsumerDeclaration, "namespace" | "kind" | "name" | "api">,
  annotations: Readonly<Record<string, T>>,
) {
  const { namespace, kind, name } = consumer;
  return {
    apiVersion: apiVersionOf(consumer),
    kind,
    metadata: { name, namespace, annotations: { ...owned, "pulumi.com/skipAwait": "true" } },
    spec: { template: { metadata: { annotations } } },
  };
}
