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
    const accounts = trustedAccounts(irsa, config);
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

/** As `namespace/name`. */
function trustedAccounts(irsa: NonNullable<OperatorAccess["irsa"]>, config: StackConfig): readonly string[] {
  const { secrets, serviceAccount } = config;
  if (irsa.serviceAccounts) return irsa.serviceAccounts;
  const namespaces = new Set(secrets.flatMap(namespacesOf));
  if (serviceAccount !== undefined) return [...namespaces].map((namespace) => `${namespace}/${serviceAccount}`);
  return [releasedAccount(config)].filter((account) => account !== undefined);
}

/** Whether the service account of the External Secrets that the stack installs may take the operator's role. */
export function trustsOperatorItself(config: StackConfig): boolean {
  const irsa = config.access?.operator?.irsa;
  const released = releasedAccount(config);
  return irsa !== undefined && released !== undefined && trustedAccounts(irsa, config).includes(released);
}

/** The service account of the External Secrets that the stack installs, where the chart's values name no other. */
export const operatorAccount = "external-secrets";

/** As `namespace/name`. */
function releasedAccount({ operators }: StackConfig): string | undefined {
  if (!operators?.externalSecrets) return undefined;
  const { namespace, values } = operators.externalSecrets;
  const { name } = (values.serviceAccount ?? {}) as { readonly name?: string };
  return `${namespace}/${name ?? operatorAccount}`;
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
