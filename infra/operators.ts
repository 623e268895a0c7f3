import { Release } from "@pulumi/kubernetes/helm/v3";
import type * as pulumi from "@pulumi/pulumi";
import { operatorAccount, trustsOperatorItself } from "./access/trust";
import type { ReleaseDeclaration } from "./config/operatorsSchema";
import type { StackConfig } from "./config/stackConfig";

type Values = Readonly<Record<string, unknown>>;

/** Seconds that Helm waits until what it has installed is ready. */
const timeout = 300;

/**
 * External Secrets and Reloader, where the stack installs them. A cluster has one of each, and other teams use it: so it stays
 * installed when its declaration is removed, and when the stack is destroyed. No rotation's update targets it.
 *
 * They are Helm releases, and no `helm.v4.Chart`: Helm itself refuses what another release owns, waits for readiness, and
 * goes back to the release before when an upgrade fails.
 *
 * @param operatorRole  ARN of the role by which External Secrets reads, where the stack makes it
 * @returns what must be there before a SecretStore: its custom resource definition comes with the release
 * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/
 */
export function operators(config: StackConfig, operatorRole: pulumi.Output<string> | undefined): Release | undefined {
  const { externalSecrets, reloader } = config.operators ?? {};
  if (reloader) release("reloader", reloader, reloaderValues);
  return externalSecrets && release("external-secrets", externalSecrets, externalSecretsValues(config, operatorRole));
}

function release(name: string, { version, namespace, repository, values }: ReleaseDeclaration, own: Values): Release {
  const source = repository.startsWith("oci://")
    ? { chart: `${repository.replace(/\/$/, "")}/${name}` }
    : { chart: name, repositoryOpts: { repo: repository } };
  const args = { name, ...source, version, namespace, createNamespace: true, atomic: true, timeout };
  return new Release(name, { ...args, values: merged(own, values) }, { retainOnDelete: true });
}

/**
 * The chart has its custom resource definitions among its templates: without `keep` whoever uninstalls the release would
 * delete every ExternalSecret in the cluster, and with it the Kubernetes Secret that it owns.
 *
 * @see https://github.com/external-secrets/external-secrets/blob/v0.20.4/deploy/charts/external-secrets/values.yaml
 * @see https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
 * @see https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
function externalSecretsValues(config: StackConfig, role: pulumi.Output<string> | undefined): Values {
  const isTrusted = role !== undefined && trustsOperatorItself(config);
  return {
    installCRDs: true,
    crds: { annotations: { "helm.sh/resource-policy": "keep" } },
    ...(isTrusted && {
      serviceAccount: { name: operatorAccount, annotations: { "eks.amazonaws.com/role-arn": role } },
    }),
  };
}

/**
 * Reloader restarts what is annotated for it, and nothing else: the rotation restarts the rest.
 *
 * @see https://docs.stakater.com/reloader/1.4/reference/helm-values.html
 */
const reloaderValues: Values = { reloader: { autoReloadAll: false, reloadOnCreate: false } };

/** Values as Helm merges them: maps key by key, whatever else as a whole. */
function merged(below: Values, above: Values): Record<string, unknown> {
  const both = { ...below, ...above };
  return Object.fromEntries(
    Object.entries(both).map(([key, value]) => {
      const under = below[key];
      return [key, isMap(under) && isMap(value) && key in above ? merged(under, value) : value];
    }),
  );
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
