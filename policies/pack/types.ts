import { secretTypes } from "../rules/names";

/** Type tokens of the resources that the policies look at. */
export const types = Object.freeze({
  stack: "pulumi:pulumi:Stack",
  ...secretTypes,
  metricAlarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  role: "aws:iam/role:Role",
  policy: "aws:iam/policy:Policy",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  userPolicy: "aws:iam/userPolicy:UserPolicy",
  groupPolicy: "aws:iam/groupPolicy:GroupPolicy",
  rolePolicyAttachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  userPolicyAttachment: "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  groupPolicyAttachment: "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
  policyAttachment: "aws:iam/policyAttachment:PolicyAttachment",
  secretPolicy: "aws:secretsmanager/secretPolicy:SecretPolicy",
  kubernetesSecret: "kubernetes:core/v1:Secret",
  kubernetesSecretPatch: "kubernetes:core/v1:SecretPatch",
});

/** A custom resource of External Secrets, whatever version of its API. */
export function isExternalSecretsType(type: string, kind: string): boolean {
  return type.startsWith("kubernetes:external-secrets.io/") && type.endsWith(`:${kind}`);
}

/** By kind: the API of what runs pods until somebody restarts them. */
const workloads = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Rollout: "argoproj.io/v1alpha1",
} as const;

/** `Deployment` of a workload's type, of its patch's type too; undefined of any other type. */
export function workloadKindOf(type: string, suffix: "" | "Patch" = ""): string | undefined {
  const found = Object.entries(workloads).find(([kind, api]) => type === `kubernetes:${api}:${kind}${suffix}`);
  return found?.[0];
}
