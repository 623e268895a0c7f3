import * as k8s from "@pulumi/kubernetes";
import { secretStoreName } from "./names";

/** The SecretStore of a namespace: where External Secrets reads, and as whom. */
export function secretStore(namespace: string, region: string, serviceAccount: string | undefined) {
  return new k8s.apiextensions.CustomResource(`${namespace}/${secretStoreName}`, {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: secretStoreName, namespace },
    spec: {
      provider: {
        aws: {
          service: "SecretsManager",
          region,
          ...(serviceAccount && { auth: { jwt: { serviceAccountRef: { name: serviceAccount } } } }),
        },
      },
    },
  });
}
