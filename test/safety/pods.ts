import { createHmac } from "node:crypto";
import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { annotationDomain, fullName } from "../../infra/names";
import type { Ports } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { Stand } from "../demo/stand";
import { readyEndpoints } from "../sampleService/load/endpoints";
import { defaults } from "../sampleService/manifests";
import { waitFor } from "../sandbox/process/waitFor";
import type { World } from "./world";

const timeoutMs = 30_000;

async function endpointsOf({ kubeconfig }: Stand) {
  const api = kubeconfig.makeApiClient(CoreV1Api);
  const { namespace } = defaults;
  const [services, pods] = await Promise.all([
    api.listNamespacedService({ namespace }),
    api.listNamespacedPod({ namespace }),
  ]);
  return services.items.flatMap((service) => readyEndpoints(service, pods.items));
}

/**
 * Waits until every replica signs with the key of the last rotation. Two rotations of a signing key need that time
 * between them: a token of the key before the last is taken by nobody.
 */
export async function signsWithNewKey(stand: Stand, { secretsManager }: Ports): Promise<void> {
  const key = stand.secrets.find(({ strategy }) => strategy === "simple-overlap");
  const name = fullName(stand.stack, key?.name ?? "");
  const found = await secretsManager.describe(name);
  const value = await secretsManager.value(name, (found && versionWith("AWSCURRENT", found)) ?? "");
  const { current } = JSON.parse(value ?? "{}") as { current: string };
  const isNew = async ({ address, port }: { address: string; port: number }) => {
    const { token } = (await (await fetch(`http://${address}:${port}/token`)).json()) as { token: string };
    const [header, claims, signature] = token.split(".");
    return createHmac("sha256", current).update(`${header}.${claims}`).digest("base64url") === signature;
  };
  const all = async () => (await Promise.all((await endpointsOf(stand)).map(isNew))).every(Boolean);
  await waitFor("the services to sign with the new key", all, { timeoutMs });
}

/** Waits until the first pod of a template newer than those of `before` serves. */
export async function firstNewPod({ kubeconfig }: Stand, { workloads }: World): Promise<void> {
  const { namespace } = defaults;
  const api = kubeconfig.makeApiClient(CoreV1Api);
  const old = Object.values(workloads).flatMap(({ annotations }) => Object.values(annotations));
  const isNew = ({ metadata, status }: V1Pod) => {
    const versions = Object.entries(metadata?.annotations ?? {}).filter(([key]) =>
      key.includes(`.${annotationDomain}/`),
    );
    const isReady = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    return isReady && versions.every(([, version]) => !old.includes(version));
  };
  const one = async () => (await api.listNamespacedPod({ namespace })).items.some(isNew);
  await waitFor("a new pod", one, { timeoutMs, intervalMs: 20 });
}
