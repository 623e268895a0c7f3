import { z } from "zod";
import type { Problem } from "./problem";
import { namespacesOf } from "./rules";
import { kubernetesName, type SecretDeclaration } from "./secretSchema";

const githubEnvironment = z
  .string()
  .regex(/^[\w.-]{1,255}$/, "must be the name of a GitHub environment: letters, digits, _, - and .");

/** Workflows of one repository may take the roles, each in an environment of GitHub that has its own reviewers. */
const githubSchema = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "must be owner/name"),
  /** Whose jobs may rotate; default: the stack's environment. */
  environment: githubEnvironment.optional(),
  /** Whose jobs may restore, and so read old values; default: that of rotations with `-restore` behind it. */
  restoreEnvironment: githubEnvironment.optional(),
});

/** As whom External Secrets reads: one of both. */
const operatorSchema = z
  .strictObject({
    /** By the cluster's OIDC issuer, which the account has to know as an identity provider. */
    irsa: z
      .strictObject({
        issuer: z
          .string()
          .regex(
            /^https:\/\/[^\s?#]+[^\s?#/]$/,
            "must be the URL of the cluster's OIDC issuer, e.g. https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B",
          ),
        /** Default: the stack's `serviceAccount` in each namespace that gets a secret, else that of the release in `operators`. */
        serviceAccounts: z
          .array(z.string().regex(/^[a-z0-9-]{1,63}\/[a-z0-9.-]{1,253}$/, "must be namespace/name"))
          .min(1, "name at least one")
          .optional(),
        /** The stack makes its `serviceAccount` in each namespace that gets a secret, and says there which role it takes. */
        makeServiceAccounts: z.boolean().default(false),
      })
      .optional(),
    /** By EKS Pod Identity, whose agent is in the cluster. */
    podIdentity: z
      .strictObject({
        cluster: z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, "must be the name of an EKS cluster"),
        namespace: kubernetesName,
        serviceAccount: kubernetesName,
      })
      .optional(),
  })
  .refine(({ irsa, podIdentity }) => (irsa === undefined) !== (podIdentity === undefined), "name irsa or podIdentity");

/** Who runs rotations, as the cluster knows them. */
const subjectSchema = z
  .strictObject({
    kind: z.enum(["User", "Group", "ServiceAccount"]),
    name: z.string().min(1),
    namespace: kubernetesName.optional(),
  })
  .refine(
    ({ kind, namespace }) => (kind === "ServiceAccount") === (namespace !== undefined),
    "a ServiceAccount, and no other, has a namespace",
  );

/** `secret-rotation:access` in Pulumi.<stack>.yaml: the roles that the stack makes. */
export const accessSchema = z
  .strictObject({
    /** Name of the rotation role, the beginning of the others'; default: secret-rotation-<environment>. */
    name: z
      .string()
      .regex(/^[\w+=,.@-]{1,50}$/, "must be a role's name: at most 50 letters, digits and _+=,.@-")
      .optional(),
    github: githubSchema.optional(),
    operator: operatorSchema.optional(),
    kubernetes: z.strictObject({ subjects: z.array(subjectSchema).min(1, "name at least one") }).optional(),
    /** Where Pulumi keeps the stack's state, as Pulumi is told it; without it the roles may not read or write there. */
    state: z
      .strictObject({
        backend: z
          .string()
          .regex(/^s3:\/\/[^/?]+/, "must be the URL of a bucket, e.g. s3://acme-pulumi-state")
          .optional(),
        secretsProvider: z
          .string()
          .regex(/^awskms:\/\//, "must be the URL of a key, e.g. awskms://alias/pulumi-prod?region=eu-west-1")
          .optional(),
      })
      .default({}),
  })
  .refine(
    ({ github, operator, kubernetes }) => github ?? operator ?? kubernetes,
    "name who gets access: github, operator or kubernetes",
  );

export type AccessDeclaration = z.output<typeof accessSchema>;
export type OperatorAccess = NonNullable<AccessDeclaration["operator"]>;

/** Mistakes that show only beside what else the stack declares. */
export function problemsOfAccess(
  { operator, kubernetes }: AccessDeclaration,
  {
    secrets,
    serviceAccount,
    isInstalled,
  }: {
    secrets: readonly SecretDeclaration[];
    serviceAccount: string | undefined;
    /** Whether the stack installs External Secrets, so that it knows its service account. */
    isInstalled: boolean;
  },
): Problem[] {
  const problems: Problem[] = [];
  const isSynced = secrets.some((secret) => namespacesOf(secret).length > 0);
  if (operator && !isSynced) {
    problems.push({ path: "access.operator", message: "no secret comes into Kubernetes: there is nothing to read" });
  } else if (operator?.irsa && !operator.irsa.serviceAccounts && serviceAccount === undefined && !isInstalled) {
    const message =
      "is needed where the stack neither names a serviceAccount nor installs External Secrets: that of External Secrets, as namespace/name";
    problems.push({ path: "access.operator.irsa.serviceAccounts", message });
  }
  if (operator?.irsa?.makeServiceAccounts && (serviceAccount === undefined || operator.irsa.serviceAccounts)) {
    const message =
      "makes the stack's serviceAccount, which the role trusts: name serviceAccount, and no serviceAccounts";
    problems.push({ path: "access.operator.irsa.makeServiceAccounts", message });
  }
  if (kubernetes && !secrets.some(({ consumers }) => consumers.length > 0) && !isSynced) {
    problems.push({ path: "access.kubernetes", message: "no secret is used in Kubernetes: nobody needs a role there" });
  }
  return problems;
}
