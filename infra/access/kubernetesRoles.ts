import type { AccessDeclaration } from "../config/accessSchema";
import { namespacesOf } from "../config/rules";
import type { SecretDeclaration } from "../config/secretSchema";
import type { StackConfig } from "../config/stackConfig";
import { ownSecretStoreName } from "../names";

/** A rule of a Role, as Kubernetes takes it. */
export interface KubernetesRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
  /** The only objects that it is for. */
  readonly resourceNames?: string[];
}

/** What somebody may have to do with in one namespace; undefined: with whatever is there. */
interface Used {
  /** Names of Kubernetes Secrets. */
  readonly secrets: string[] | undefined;
  /** Names by resource. */
  readonly workloads: Readonly<Record<(typeof workloads)[number], string[]>> | undefined;
}

const workloads = ["deployments", "statefulsets", "daemonsets"] as const;
const pluralOf = { Deployment: "deployments", StatefulSet: "statefulsets", DaemonSet: "daemonsets" } as const;

/** What whoever runs `pulumi up` and rotations does in one namespace. */
export function kubernetesRules(used: Used): KubernetesRule[] {
  const named = (resourceNames: string[] | undefined) => (resourceNames ? { resourceNames } : {});
  const restarts = { apiGroups: ["apps"], verbs: ["get", "patch"] };
  return [
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
    ...(used.secrets?.length === 0
      ? []
      : [
          { apiGroups: [""], resources: ["secrets"], ...named(used.secrets), verbs: ["get"] },
          {
            apiGroups: ["external-secrets.io"],
            resources: ["externalsecrets", "secretstores"],
            verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
          },
        ]),
    ...(used.workloads === undefined
      ? [{ ...restarts, resources: [...workloads] }]
      : workloads.flatMap((resource) => {
          const resourceNames = used.workloads?.[resource] ?? [];
          return resourceNames.length > 0 ? [{ ...restarts, resources: [resource], resourceNames }] : [];
        })),
    { apiGroups: ["apps"], resources: [...workloads, "replicasets"], verbs: ["list"] },
    { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: ["list"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ];
}

const rbac = "rbac.authorization.k8s.io" as const;
const apiVersion = `${rbac}/v1` as const;

/**
 * The Role of each namespace that the stack has to do with, and its RoleBinding where it is said who rotates. Stacks share
 * namespaces: each has its own.
 */
export function kubernetesRoles({ stack, secrets, access }: Pick<StackConfig, "stack" | "secrets" | "access">) {
  const name = ownSecretStoreName(stack);
  const namespaces = new Set(
    secrets.flatMap((one) => [...namespacesOf(one), ...one.consumers.map((c) => c.namespace)]),
  );
  return [...namespaces].sort().map((namespace) => ({
    role: {
      apiVersion,
      kind: "Role" as const,
      metadata: { name, namespace },
      rules: kubernetesRules(usedIn(namespace, secrets)),
    },
    binding: access?.kubernetes && {
      apiVersion,
      kind: "RoleBinding" as const,
      metadata: { name, namespace },
      roleRef: { apiGroup: rbac, kind: "Role", name },
      subjects: access.kubernetes.subjects.map(subjectOf),
    },
  }));
}

function subjectOf({ kind, name, namespace }: NonNullable<AccessDeclaration["kubernetes"]>["subjects"][number]) {
  return namespace === undefined ? { apiGroup: rbac, kind, name } : { kind, name, namespace };
}

function usedIn(namespace: string, secrets: readonly SecretDeclaration[]): Used {
  const here = secrets.filter((secret) => namespacesOf(secret).includes(namespace));
  const consumers = secrets.flatMap((secret) => secret.consumers).filter((one) => one.namespace === namespace);
  const named = (resource: (typeof workloads)[number]) => [
    ...new Set(consumers.flatMap(({ kind, name }) => (pluralOf[kind] === resource ? [name] : []))),
  ];
  return {
    secrets: here.flatMap(({ externalSecret }) => externalSecret?.target ?? []),
    workloads: {
      deployments: named("deployments"),
      statefulsets: named("statefulsets"),
      daemonsets: named("daemonsets"),
    },
  };
}
