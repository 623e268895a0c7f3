import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AwsProxy } from "../faults/awsProxy";
import { repository } from "../sandbox/paths";
import type { Sandbox } from "../sandbox/sandbox";
import { type KubernetesProxy, kubernetesProxy } from "./kubernetesProxy";
import { spawnInSandbox } from "./spawnInSandbox";

/** The way of a run's requests to AWS and Kubernetes, with a proxy in front of each. */
export interface HeldProviders {
  /** Lets a driver, and the providers of its engine, go through the proxies. */
  readonly env: Readonly<Record<string, string>>;
  readonly aws: AwsProxy;
  readonly kubernetes: KubernetesProxy;
  /** The driver's way to the issuer of each API key, by the secret's name. */
  readonly issuers: Readonly<Record<string, AwsProxy>>;
  stop(): Promise<void>;
}

interface KubeConfigFile {
  readonly clusters: { cluster: { server: string; "certificate-authority": string } }[];
}

/** @param issuers  that are asked by proxies already; they go on when these providers have stopped */
export async function heldProviders(
  sandbox: Sandbox,
  issuers: Readonly<Record<string, AwsProxy>> = {},
): Promise<HeldProviders> {
  const config = JSON.parse(readFileSync(sandbox.env.KUBECONFIG ?? "", "utf8")) as KubeConfigFile;
  const cluster = config.clusters[0]?.cluster;
  if (!cluster) throw new Error("the sandbox's kubeconfig names no cluster");
  const certificate = cluster["certificate-authority"];
  const tls = { cert: readFileSync(certificate), key: readFileSync(certificate.replace(/crt$/, "key")) };
  const aws = await AwsProxy.start(sandbox.env.AWS_ENDPOINT_URL);
  const kubernetes = await kubernetesProxy(cluster.server, tls);
  cluster.server = kubernetes.endpoint;
  const KUBECONFIG = join(sandbox.dir, "kubeconfig-held");
  writeFileSync(KUBECONFIG, JSON.stringify(config), { mode: 0o600 });
  const proxied = { AWS_ENDPOINT_URL: aws.endpoint, KUBECONFIG };
  // The real plugins are children of the engine and have its environment; a stand-in runs once for all engines.
  const standIn = sandbox.env.PULUMI_DEBUG_PROVIDERS === undefined ? undefined : await startStandIn(sandbox, proxied);
  return {
    env: { ...proxied, ...(standIn && { PULUMI_DEBUG_PROVIDERS: standIn.port }) },
    aws,
    kubernetes,
    issuers,
    async stop() {
      await standIn?.stop();
      await Promise.all([aws.stop(), kubernetes.stop()]);
    },
  };
}

async function startStandIn(sandbox: Sandbox, proxied: Readonly<Record<string, string>>) {
  const script = join(repository, "test/sandbox/standins/providers.ts");
  const child = spawnInSandbox(sandbox, script, [], proxied);
  const exited = once(child, "exit");
  const line = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  const printed = await Promise.race([line, exited.then(() => undefined)]);
  if (!printed) throw new Error("the stand-in of the aws provider ended before it served");
  const { aws } = JSON.parse(printed[0]) as { aws: number };
  return {
    port: `aws:${aws}`,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
