import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import { namespacesOf } from "./config/rules";
import type { StackConfig } from "./config/stackConfig";

/** What the stack makes before its stores. */
export interface Forerunners {
  /** External Secrets, which brings the stores' custom resource definitions; undefined: somebody else has installed it. */
  readonly externalSecrets: pulumi.Resource | undefined;
  /** By namespace: the service account that the store there names. */
  readonly serviceAccounts: ReadonlyMap<string, pulumi.Resource>;
}

/**
 * Where External Secrets reads, and as whom: the stack's SecretStore in each namespace, its one ClusterSecretStore, or a store
 * of others.
 *
 * @returns by namespace, what has to be there before an ExternalSecret
 */
export function secretStores(
  config: StackConfig,
  { externalSecrets, serviceAccounts }: Forerunners,
): ReadonlyMap<string, pulumi.Resource | undefined> {
  const namespaces = [...new Set(config.secrets.flatMap(namespacesOf))];
  const { kind, name, own } = config.secretStore;
  const after = (accounts: readonly (pulumi.Resource | undefined)[]) => ({
    dependsOn: [externalSecrets, ...accounts].filter((resource) => resource !== undefined),
  });
  if (!own) return new Map(namespaces.map((namespace) => [namespace, externalSecrets]));
  if (kind === "ClusterSecretStore") {
    if (namespaces.length === 0) return new Map();
    const store = new CustomResource(
      "secret-rotation",
      { ...storeObject(config, { name }), spec: { ...specOf(config), conditions: [{ namespaces }] } },
      after([...serviceAccounts.values()]),
    );
    return new Map(namespaces.map((namespace) => [namespace, store]));
  }
  return new Map(
    namespaces.map((namespace) => [
      namespace,
      new CustomResource(
        `${namespace}/secret-rotation`,
        { ...storeObject(config, { name, namespace }), spec: specOf(config) },
        after([serviceAccounts.get(namespace)]),
      ),
    ]),
  );
}

function storeObject({ secretStore: { kind } }: StackConfig, metadata: { name: string; namespace?: string }) {
  return { apiVersion: "external-secrets.io/v1", kind, metadata };
}

/**
 * A service account without a namespace is that of the namespace of each ExternalSecret, for a ClusterSecretStore too. It is the
 * role that says by which KMS keys a value may be decrypted: Secrets Manager does that for who may use the key.
 *
 * @see https://external-secrets.io/latest/provider/aws-secrets-manager/
 * @see https://external-secrets.io/latest/api/clustersecretstore/
 */
function specOf({ region, serviceAccount }: StackConfig) {
  const auth = serviceAccount && { auth: { jwt: { serviceAccountRef: { name: serviceAccount } } } };
  return { provider: { aws: { service: "SecretsManager", region, ...auth } } };
}
