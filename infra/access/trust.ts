import type { AccessDeclaration, OperatorAccess } from "../config/accessSchema";
import { namespacesOf } from "../config/rules";
import type { StackConfig } from "../config/stackConfig";

/** GitHub's OIDC issuer, without the scheme: the name of the identity provider, and of its condition keys. */
export const githubIssuer = "token.actions.githubusercontent.com";
/** Whom a token is for that AWS takes. */
export const audience = "sts.amazonaws.com";

/** Who may take a role, as a policy document. */
export interface TrustDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/**
 * The GitHub environments whose jobs may rotate, and restore.
 *
 * @param environment  the stack's
 */
export function githubEnvironments(github: NonNullable<AccessDeclaration["github"]>, environment: string) {
  const rotating = github.environment ?? environment;
  return { rotating, restoring: github.restoreEnvironment ?? `${rotating}-restore` };
}

/**
 * Jobs of one repository in one environment of GitHub.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc#filtering-for-a-specific-environment
 */
export function githubTrust(providerArn: string, repository: string, environment: string): TrustDocument {
  return webIdentity(providerArn, githubIssuer, [`repo:${repository}:environment:${environment}`]);
}

/**
 * External Secrets, by its service accounts.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function operatorTrust(
  { irsa, podIdentity }: OperatorAccess,
  config: StackConfig,
  account: string,
): TrustDocument {
  if (irsa) {
    const issuer = irsa.issuer.slice("https://".length);
    const accounts = irsa.serviceAccounts ?? ownServiceAccounts(config);
    const subjects = accounts.map((name) => `system:serviceaccount:${name.replace("/", ":")}`);
    return webIdentity(`arn:aws:iam::${account}:oidc-provider/${issuer}`, issuer, subjects);
  }
  if (!podIdentity) throw new Error("neither irsa nor podIdentity");
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringEquals: {
            "aws:RequestTag/eks-cluster-name": podIdentity.cluster,
            "aws:RequestTag/kubernetes-namespace": podIdentity.namespace,
            "aws:RequestTag/kubernetes-service-account": podIdentity.serviceAccount,
          },
        },
      },
    ],
  };
}

function ownServiceAccounts({ secrets, serviceAccount }: StackConfig): string[] {
  const namespaces = new Set(secrets.flatMap(namespacesOf));
  return [...namespaces].map((namespace) => `${namespace}/${serviceAccount}`);
}

function webIdentity(Federated: string, issuer: string, subjects: readonly string[]): TrustDocument {
  const [only, ...more] = subjects;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: more.length === 0 ? only : subjects },
        },
      },
    ],
  };
}
