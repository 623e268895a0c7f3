import { createHash } from "node:crypto";
import { AppsV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { strategyOf } from "../../infra/config/rotator";
import { namespacesOf } from "../../infra/config/rules";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { fullName, versionAnnotation } from "../../infra/names";
import { Findings } from "../../rotation/findings";
import type { Ports } from "../../rotation/ports";
import { type SecretDescription, versionWith } from "../../rotation/ports/secretsManager";
import { builtIn } from "../../rotation/rotators";
import { expectedData } from "../../rotation/rotators/common/expectedData";
import type { RotationStrategy } from "../../rotation/rotators/protocol";
import type { Stand } from "../demo/stand";
import { sampleServicePods } from "../demo/workloads";
import { defaults } from "../sampleService/manifests";
import { waitFor } from "../sandbox/process/waitFor";

/** What is real of a stand's secrets: in AWS, in Kubernetes, at the databases. Values are there as digests. */
export interface World {
  /** By name. */
  readonly secrets: Readonly<Record<string, SecretWorld>>;
  readonly workloads: Readonly<Record<string, WorkloadWorld>>;
}

export interface SecretWorld {
  readonly stages: SecretDescription["stages"];
  readonly tags: SecretDescription["tags"];
  /** By namespace, the labelled version whose value the Kubernetes Secret holds; undefined: of none, it is lost. */
  readonly inKubernetes: Readonly<Record<string, string | undefined>>;
  /** By label: whether the target takes its value. Where there is no target, none does. */
  readonly accepted: Readonly<Record<string, boolean>>;
  /** By label. */
  readonly digests: Readonly<Record<string, string>>;
}

export interface WorkloadWorld {
  /** Counts its rollouts. */
  readonly revision: number;
  /** Of its pod template. */
  readonly annotations: Readonly<Record<string, string>>;
}

const labels = ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"] as const;

export async function worldOf(stand: Stand, ports: Ports): Promise<World> {
  const pods = await sampleServicePods(stand.kubeconfig, defaults.namespace);
  const apps = stand.kubeconfig.makeApiClient(AppsV1Api);
  const workloads = pods.map(async ({ name, revision }) => {
    const { spec } = await apps.readNamespacedDeployment({ name, namespace: defaults.namespace });
    return [name, { revision, annotations: spec?.template.metadata?.annotations ?? {} }] as const;
  });
  const secrets = stand.secrets.map(async (secret) => [secret.name, await secretWorld(secret, stand, ports)] as const);
  return {
    secrets: Object.fromEntries(await Promise.all(secrets)),
    workloads: Object.fromEntries(await Promise.all(workloads)),
  };
}

export async function secretWorld(
  secret: SecretDeclaration,
  { stack }: Pick<Stand, "stack">,
  ports: Ports,
): Promise<SecretWorld> {
  const name = fullName(stack, secret.name);
  const found = await ports.secretsManager.describe(name);
  if (!found) throw new Error(`there is no secret ${name}`);
  const values = await Promise.all(
    labels.flatMap((label) => {
      const id = versionWith(label, found);
      return id === undefined
        ? []
        : [ports.secretsManager.value(name, id).then((value = "") => ({ label, id, value }))];
    }),
  );
  const strategy = strategyOf(builtIn, secret);
  const at = { environment: stack, fullName: name, arn: found.arn };
  const run = { rotatedAt: undefined, emergency: false, reloaded: new Map(), findings: new Findings() };
  const context = { secret, ...at, ports, ...run };
  const accepts = async (value: string) =>
    "steps" in strategy && (strategy.steps() as RotationStrategy).accepts(context, value);
  const accepted = values.map(async ({ label, value }) => [label, await accepts(value)] as const);
  const inKubernetes = namespacesOf(secret).map(async (namespace) => {
    const data = (await ports.kubernetes.secret(namespace, secret.externalSecret?.target ?? ""))?.data;
    const shown = values.find(({ value }) =>
      [...expectedData({ secret }, "sync", value)].every(([key, bytes]) => data?.[key]?.equals(bytes)),
    );
    return [namespace, shown?.id] as const;
  });
  return {
    stages: found.stages,
    tags: found.tags,
    inKubernetes: Object.fromEntries(await Promise.all(inKubernetes)),
    accepted: Object.fromEntries(await Promise.all(accepted)),
    digests: Object.fromEntries(values.map(({ label, value }) => [label, digest(value)])),
  };
}

function digest(value: string): string {
  return createHash("sha256").update(value).digest("base64url").slice(0, 12);
}

/** Kinds whose credential somebody else has to accept. */
const hasTarget = ["database", "api-key", "certificate"];

/**
 * The secrets whose credential is lost: what the services have is stored no more, or the target takes nothing that is
 * stored under a label.
 */
export function lostIn({ secrets }: Pick<World, "secrets">, declared: readonly SecretDeclaration[]): string[] {
  return declared
    .filter(({ name, kind }) => {
      const found = secrets[name];
      const isStored = Object.values(found?.inKubernetes ?? {}).every((version) => version !== undefined);
      const isTaken = !hasTarget.includes(kind) || Object.values(found?.accepted ?? {}).some(Boolean);
      return !isStored || !isTaken;
    })
    .map(({ name }) => name);
}

/** Waits until External Secrets has done what the annotations of the ExternalSecrets ask for. */
export async function synced(
  { secrets, kubeconfig }: Pick<Stand, "secrets" | "kubeconfig">,
  { kubernetes }: Ports,
): Promise<void> {
  const custom = kubeconfig.makeApiClient(CustomObjectsApi);
  const id = { group: "external-secrets.io", version: "v1", plural: "externalsecrets" };
  const all = secrets.flatMap((secret) =>
    namespacesOf(secret).map((namespace) => ({ namespace, name: secret.externalSecret?.target ?? "" })),
  );
  const isSynced = async ({ namespace, name }: { namespace: string; name: string }) => {
    const { metadata } = (await custom.getNamespacedCustomObject({ ...id, namespace, name })) as {
      metadata: { annotations?: Record<string, string> };
    };
    const asked = metadata.annotations?.[versionAnnotation];
    return (await kubernetes.secret(namespace, name))?.annotations[versionAnnotation] === asked;
  };
  await waitFor("External Secrets", async () => (await Promise.all(all.map(isSynced))).every(Boolean), {
    timeoutMs: 120_000,
  });
}
