import { AuthorizationV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { unlessMissing } from "./kubernetesRequest";
import { type ObjectPath, type ServerSideApply, serverSideApply } from "./serverSideApply";

/** What somebody may have to be allowed to do in a namespace. */
export interface Permission {
  readonly namespace: string;
  /** API group; empty: the core's. */
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** Of one object; undefined: of all. */
  readonly name?: string;
}

/** The condition Ready of an object of External Secrets; undefined: the operator has not looked at it. */
export type Ready = { readonly status: string; readonly reason: string; readonly message: string } | undefined;

/** What is asked of Kubernetes before a run touches anything. Undefined: there is no such object. */
export interface KubernetesChecks {
  /**
   * Applies an object as a dry run: the API server asks its admission, compares who owns the fields, and writes nothing.
   * Of a custom resource that is not there it tries the creation.
   *
   * @throws {KubernetesError} with the conflicts, when fields are others'
   */
  tryApply(at: ObjectPath, object: object, apply: ServerSideApply): Promise<AppliedObject | undefined>;
  /** Whether the kubeconfig's user may do this. */
  mayDo(permission: Permission): Promise<{ readonly allowed: boolean; readonly evaluationError: boolean }>;
  externalSecret(namespace: string, name: string): Promise<ExternalSecretState | undefined>;
  /** @param namespace  of a ClusterSecretStore it does not count */
  secretStore(
    namespace: string,
    store: { kind: "SecretStore" | "ClusterSecretStore"; name: string },
  ): Promise<{ readonly ready: Ready } | undefined>;
  /** Whether External Secrets can write a Kubernetes Secret. */
  secretOwnership(namespace: string, name: string): Promise<SecretOwnership | undefined>;
  namespaceIsEnding(namespace: string): Promise<boolean | undefined>;
}

export interface AppliedObject {
  readonly metadata?: { readonly annotations?: Annotations; readonly deletionTimestamp?: string };
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Annotations } } };
}
type Annotations = Readonly<Record<string, string>>;

export interface ExternalSecretState {
  readonly ready: Ready;
  /** When the operator has read the provider last; undefined: not yet. */
  readonly refreshedAt: Date | undefined;
  readonly isEnding: boolean;
}

export interface SecretOwnership {
  readonly immutable: boolean;
  readonly isEnding: boolean;
  /** `kind name` of the object that controls it. */
  readonly controller: string | undefined;
}

const externalSecrets = { group: "external-secrets.io", version: "v1" } as const;

/** @param config  of the cluster; its current context counts */
export function kubernetesChecks(config: KubeConfig): KubernetesChecks {
  const core = config.makeApiClient(CoreV1Api);
  const objects = config.makeApiClient(CustomObjectsApi);
  const authorization = config.makeApiClient(AuthorizationV1Api);
  const readOperated = (plural: string, namespace: string, name: string) =>
    unlessMissing<Operated>(() => objects.getNamespacedCustomObject({ ...externalSecrets, plural, namespace, name }));
  return {
    tryApply: (at, body, apply) => serverSideApply<AppliedObject>(objects, at, body, { ...apply, dryRun: "All" }),
    async mayDo(resourceAttributes) {
      const body = { spec: { resourceAttributes } };
      const review = await unlessMissing(() => authorization.createSelfSubjectAccessReview({ body }));
      return {
        allowed: review?.status?.allowed === true,
        evaluationError: !review?.status || !!review.status.evaluationError,
      };
    },
    async externalSecret(namespace, name) {
      const found = await readOperated("externalsecrets", namespace, name);
      if (!found) return undefined;
      const refreshedAt = found.status?.refreshTime ? new Date(found.status.refreshTime) : undefined;
      return { ready: readyOf(found), refreshedAt, isEnding: found.metadata?.deletionTimestamp !== undefined };
    },
    async secretStore(namespace, { kind, name }) {
      const ofCluster = () =>
        objects.getClusterCustomObject({ ...externalSecrets, plural: "clustersecretstores", name });
      const found =
        kind === "SecretStore"
          ? await readOperated("secretstores", namespace, name)
          : await unlessMissing<Operated>(ofCluster);
      return found && { ready: readyOf(found) };
    },
    async secretOwnership(namespace, name) {
      const found = await unlessMissing(() => core.readNamespacedSecret({ namespace, name }));
      if (!found) return undefined;
      const owner = found.metadata?.ownerReferences?.find(({ controller }) => controller);
      return {
        immutable: found.immutable === true,
        isEnding: found.metadata?.deletionTimestamp !== undefined,
        controller: owner && `${owner.kind} ${owner.name}`,
      };
    },
    async namespaceIsEnding(name) {
      const found = await unlessMissing(() => core.readNamespace({ name }));
      return found && found.status?.phase === "Terminating";
    },
  };
}

/** An object that External Secrets works on. */
interface Operated {
  metadata?: { deletionTimestamp?: string };
  status?: { refreshTime?: string; conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

function readyOf({ status }: Operated): Ready {
  const found = status?.conditions?.find(({ type }) => type === "Ready");
  return found && { status: found.status, reason: found.reason ?? "", message: found.message ?? "" };
}
