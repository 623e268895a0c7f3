import { PodIdentityAssociation } from "@pulumi/aws/eks";
import { OpenIdConnectProvider, Role, RolePolicy } from "@pulumi/aws/iam";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Role as KubernetesRole, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { AccessDeclaration, OperatorAccess } from "../config/accessSchema";
import { namespacesOf } from "../config/rules";
import type { StackConfig } from "../config/stackConfig";
import { longestRunSeconds } from "../longestRun";
import { projectName, tags, types } from "../names";
import { type Declared, declaredBy } from "./declared";
import { kubernetesRoles } from "./kubernetesRoles";
import { operatorPolicy, restorePolicy } from "./otherPolicies";
import { type PolicyDocument, sizeOf } from "./policyDocument";
import { rotationPolicy } from "./rotationPolicy";
import { audience, githubEnvironments, githubIssuer, githubTrust, operatorTrust, type TrustDocument } from "./trust";
import { limits } from "./withinLimit";

/** What is there already. */
export interface AccessSurroundings {
  /** Twelve digits. */
  readonly account: string;
  /** ARN of GitHub's identity provider that another stack has made; undefined: this one makes it. */
  readonly githubProvider: string | undefined;
}

/** What a job does before the driver begins to count: checking out, installing. Seconds. */
const allowanceSeconds = 15 * 60;
/** IAM's limits of a session, in seconds. */
const session = { min: 3600, max: 12 * 3600 };

/**
 * The roles of an environment: one that rotates, one that restores and may read old values, both taken by jobs of GitHub
 * Actions; the one by which External Secrets reads; and what whoever rotates may do in Kubernetes. No rotation touches them.
 *
 * @throws {PolicyTooLong}
 */
export class RotationAccess extends pulumi.ComponentResource {
  private readonly tagged: Record<string, string>;
  /** ARN of the role by which External Secrets reads; undefined: the stack makes none. */
  readonly operatorRole: pulumi.Output<string> | undefined;
  /** By namespace: the service accounts that the stack makes for it. */
  readonly serviceAccounts = new Map<string, ServiceAccount>();

  constructor(config: StackConfig, access: AccessDeclaration, surroundings: AccessSurroundings) {
    const name = access.name ?? `secret-rotation-${config.environment}`;
    super(types.rotationAccess, name, {});
    this.tagged = { [tags.managedBy]: projectName, [tags.environment]: config.environment };
    const { backend = "", secretsProvider } = access.state;
    const declared = declaredBy(config, { account: surroundings.account, backend, secretsProvider });
    if (access.github) this.addGithubRoles(name, access.github, config, declared, surroundings);
    this.operatorRole = access.operator && this.addOperator(name, access.operator, config, declared)?.arn;
    if (access.kubernetes) {
      for (const { role, binding } of kubernetesRoles(config)) {
        const { namespace } = role.metadata;
        const made = new KubernetesRole(namespace, role, { parent: this });
        if (binding) new RoleBinding(namespace, binding, { parent: this, dependsOn: [made] });
      }
    }
    this.registerOutputs({});
  }

  private addGithubRoles(
    name: string,
    github: NonNullable<AccessDeclaration["github"]>,
    { environment, secrets }: StackConfig,
    declared: Declared,
    { account, githubProvider }: AccessSurroundings,
  ): void {
    const arn = `arn:aws:iam::${account}:oidc-provider/${githubIssuer}`;
    if (githubProvider === undefined) {
      const args = { url: `https://${githubIssuer}`, clientIdLists: [audience], tags: this.tagged };
      // Others of the account may use it by now.
      new OpenIdConnectProvider("github", args, { parent: this, retainOnDelete: true });
    }
    const seconds = Math.ceil((longestRunSeconds(secrets) + allowanceSeconds) / 60) * 60;
    const maxSessionDuration = Math.min(Math.max(seconds, session.min), session.max);
    const { rotating, restoring } = githubEnvironments(github, environment);
    const trust = (jobs: string) => githubTrust(githubProvider ?? arn, github.repository, jobs);
    const rotation = rotationPolicy(declared, limits.inline);
    this.addRole(name, {
      description: `Rotates the secrets of ${environment}, in GitHub Actions`,
      ...{ trust: trust(rotating), policies: { rotation }, maxSessionDuration },
    });
    const restore = restorePolicy(declared);
    if (!restore) return;
    const restoredRotation = rotationPolicy(declared, limits.inline - sizeOf(restore));
    this.addRole(`${name}-restore`, {
      description: `Restores secrets of ${environment} from backups, in GitHub Actions`,
      ...{ trust: trust(restoring), policies: { rotation: restoredRotation, restore }, maxSessionDuration },
    });
  }

  private addOperator(name: string, operator: OperatorAccess, config: StackConfig, declared: Declared) {
    const reading = operatorPolicy(declared, limits.inline);
    if (!reading) return undefined;
    const role = this.addRole(`${name}-operator`, {
      description: `Reads the secrets of ${config.environment} for External Secrets`,
      ...{ trust: operatorTrust(operator, config, declared.account), policies: { reading } },
    });
    if (operator.irsa?.makeServiceAccounts) this.addServiceAccounts(role, config);
    if (operator.podIdentity) {
      const { cluster: clusterName, ...who } = operator.podIdentity;
      const args = { clusterName, ...who, roleArn: role.arn, tags: this.tagged };
      new PodIdentityAssociation("operator", args, { parent: this });
    }
    return role;
  }

  /** @see https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
  private addServiceAccounts({ arn }: Role, { secrets, serviceAccount: name }: StackConfig): void {
    for (const namespace of new Set(secrets.flatMap(namespacesOf))) {
      const metadata = { name, namespace, annotations: { "eks.amazonaws.com/role-arn": arn } };
      this.serviceAccounts.set(namespace, new ServiceAccount(namespace, { metadata }, { parent: this }));
    }
  }

  private addRole(
    name: string,
    {
      description,
      trust,
      policies,
      maxSessionDuration,
    }: {
      description: string;
      trust: TrustDocument;
      policies: Readonly<Record<string, PolicyDocument>>;
      maxSessionDuration?: number;
    },
  ): Role {
    const role = new Role(
      name,
      {
        ...{ name, description, assumeRolePolicy: JSON.stringify(trust), tags: this.tagged },
        ...(maxSessionDuration !== undefined && { maxSessionDuration }),
      },
      { parent: this },
    );
    for (const [policy, document] of Object.entries(policies)) {
      const args = { name: policy, role: name, policy: JSON.stringify(document) };
      new RolePolicy(`${name}/${policy}`, args, { parent: this, dependsOn: [role] });
    }
    return role;
  }
}
