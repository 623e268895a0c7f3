import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { StackConfig } from "./config/stackConfig";

/** The stack's SecretStore in a namespace: where External Secrets reads, and as whom. Undefined: the stack uses one of others. */
export function secretStore(namespace: string, { region, serviceAccount, secretStore: { own, name } }: StackConfig) {
  if (!own) return undefined;
  return new CustomResource(`${namespace}/secret-rotation`, {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name, namespace },
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
