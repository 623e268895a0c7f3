import type { AccessDeclaration } from "../config/accessSchema";
import type { ConsumerKinds, KubernetesKind } from "../config/consumerKind";
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
  /** Names of consumers, by kind. */
  readonly consumers: ReadonlyMap<string, string[]> | undefined;
}

/** What whoever runs `pulumi up` and rotations does in one namespace. */
export function kubernetesRules(used: Used, kinds: ConsumerKinds): KubernetesRule[] {
  const named = (resourceNames: string[] | undefined) => (resourceNames ? { resourceNames } : {});
  const inKubernetes = [...kinds.values()].filter((one) => "api" in one);
  const listed = (group: string) =>
    inKubernetes.filter(({ api, isListed }) => isListed && api.group === group).map(({ api }) => api.plural);
  const verbsFor = ({ restart }: KubernetesKind) => (restart === "podTemplate" ? ["get", "patch"] : ["get"]);
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
    ...inKubernetes.flatMap((one) => {
      const resourceNames = used.consumers === undefined ? undefined : (used.consumers.get(one.kind) ?? []);
      const rule = { apiGroups: [one.api.group], resources: [one.api.plural], ...named(resourceNames) };
      return resourceNames?.length === 0 ? [] : [{ ...rule, verbs: verbsFor(one) }];
    }),
    { apiGroups: ["apps"], resources: [...listed("apps"), "replicasets"], verbs: ["list"] },
    { apiGroups: ["batch"], resources: [...listed("batch"), "jobs"], verbs: ["list"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ];
}

const rbac = "rbac.authorization.k8s.io" as const;
const apiVersion = `${rbac}/v1` as const;

/**
 * The Role of each namespace that the stack has to do with, and its RoleBinding where it is said who rotates. Stacks share
 * namespaces: each has its own.
 */
export function kubernetesRoles({
  stack,
  secrets,
  access,
  consumerKinds,
}: Pick<StackConfig, "stack" | "secrets" | "access" | "consumerKinds">) {
  const name = ownSecretStoreName(stack);
  const namespaces = new Set(
    secrets.flatMap((one) => [...namespacesOf(one), ...one.consumers.map((c) => c.namespace)]),
  );
  return [...namespaces].sort().map((namespace) => ({
    role: {
      apiVersion,
      kind: "Role" as const,
      metadata: { name, namespace },
      rules: kubernetesRules(usedIn(namespace, secrets), consumerKinds),
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
  const kinds = new Set(consumers.map(({ kind }) => kind));
  const named = (kind: string) => [...new Set(consumers.filter((one) => one.kind === kind).map(({ name }) => name))];
  return {
    secrets: here.flatMap(({ externalSecret }) => externalSecret?.target ?? []),
    consumers: new Map([...kinds].map((kind) => [kind, named(kind)])),
  };
}
