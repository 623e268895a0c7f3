import assert from "node:assert/strict";
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";

/** An object as the API has it, by its path. */
export interface At {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

export const externalSecretAt = (namespace: string, name: string): At => ({
  ...{ group: "external-secrets.io", version: "v1", plural: "externalsecrets" },
  ...{ namespace, name },
});
export const storeAt = (namespace: string): At => ({
  ...externalSecretAt(namespace, `secret-rotation-${namespace}`),
  plural: "secretstores",
});
export const deploymentAt = (namespace: string, name: string): At => ({
  ...{ group: "apps", version: "v1", plural: "deployments" },
  ...{ namespace, name },
});

/** What others do in a cluster: people with kubectl, GitOps, whoever sets rules. */
export function foreignHands() {
  const config = new KubeConfig();
  config.loadFromDefault();
  const objects = config.makeApiClient(CustomObjectsApi);
  const core = config.makeApiClient(CoreV1Api);
  const rules = config.makeApiClient(AdmissionregistrationV1Api);
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const as = (strategy: string) => setHeaderOptions("Content-Type", strategy);
  const merge = as(PatchStrategy.MergePatch);
  return {
    /** `kubectl annotate`, `kubectl edit`: a change under the name of a field manager. */
    change: (at: At, body: object, fieldManager: string) =>
      objects.patchNamespacedCustomObject({ ...at, body, fieldManager }, merge),
    /** As GitOps applies what it has, whoever owns it. */
    apply: (at: At, kind: string, body: object, fieldManager: string) =>
      objects.patchNamespacedCustomObject(
        {
          ...{ ...at, fieldManager, force: true },
          body: { apiVersion: `${at.group}/${at.version}`, kind, ...body },
        },
        as(PatchStrategy.ServerSideApply),
      ),
    read: (at: At) =>
      objects.getNamespacedCustomObject(at) as Promise<{
        spec: object;
        metadata: { annotations?: Record<string, string> };
      }>,
    delete: (at: At) => objects.deleteNamespacedCustomObject(at),
    changeSecret: (namespace: string, name: string, body: object) =>
      core.patchNamespacedSecret({ namespace, name, body }, merge),
    deleteSecret: (namespace: string, name: string) => core.deleteNamespacedSecret({ namespace, name }),
    secret: (namespace: string, name: string) => core.readNamespacedSecret({ namespace, name }),
    deleteNamespace: (name: string) => core.deleteNamespace({ name }),
    unbind: (namespace: string, name: string) => rbac.deleteNamespacedRoleBinding({ namespace, name }),
    bind: (namespace: string, name: string, role: string, subject: { name: string; namespace: string }) =>
      rbac.createNamespacedRoleBinding({
        namespace,
        body: {
          metadata: { name },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
          subjects: [{ kind: "ServiceAccount", ...subject }],
        },
      }),
    createRole: (name: string, granted: { apiGroups: string[]; resources: string[]; verbs: string[] }[]) =>
      rbac.createClusterRole({ body: { metadata: { name }, rules: granted } }),
    deleteRole: (name: string) => rbac.deleteClusterRole({ name }),
    /** Nobody may change objects like this one in its namespace any more. Resolves when the API server heeds it. */
    async forbid(name: string, at: At) {
      const { namespace, group, plural: resource } = at;
      const resourceRules = [
        { apiGroups: [group], apiVersions: ["v1"], operations: ["UPDATE"], resources: [resource] },
      ];
      const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
      await rules.createValidatingAdmissionPolicy({
        body: {
          metadata: { name },
          spec: {
            matchConstraints: { resourceRules, namespaceSelector },
            validations: [{ expression: "false", message: "nothing changes in a freeze" }],
          },
        },
      });
      await rules.createValidatingAdmissionPolicyBinding({
        body: { metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } },
      });
      const { apiVersion, kind } = await objects.getNamespacedCustomObject(at);
      const body = { apiVersion, kind, metadata: { annotations: { tried: "yes" } } };
      const tries = { ...at, body, dryRun: "All", fieldManager: "tries", force: true };
      const apply = as(PatchStrategy.ServerSideApply);
      const heeded = async () => {
        await assert.rejects(objects.patchNamespacedCustomObject(tries, apply), /freeze/);
        return true;
      };
      await waitFor("the rule", heeded, { timeoutMs: 30_000 });
    },
    async allow(name: string) {
      await rules.deleteValidatingAdmissionPolicyBinding({ name });
      await rules.deleteValidatingAdmissionPolicy({ name });
    },
  };
}
