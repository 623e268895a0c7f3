import { homedir } from "node:os";
import { KubeConfig } from "@kubernetes/client-node";
import type { ProviderSettings } from "../../infra/config/providerSchema";
import { describeError, UsageError } from "../errors";

/**
 * The cluster that Pulumi's provider takes too: by `kubernetes:kubeconfig`, a path or the content, or else as kubectl
 * finds it; and by `kubernetes:context`.
 *
 * @throws {UsageError} when no cluster is named
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/util.go: parseKubeconfigString
 */
export function kubeConfig({
  kubeconfig,
  context,
}: Partial<Pick<ProviderSettings, "kubeconfig" | "context">>): KubeConfig {
  const config = new KubeConfig();
  const hint = `set ${kubeconfig === undefined ? "KUBECONFIG" : "kubernetes:kubeconfig"} to one that kubectl takes`;
  try {
    load(config, kubeconfig);
  } catch (error) {
    // The first line only: a YAML error goes on with an excerpt, and the file holds credentials.
    const [reason] = describeError(error).split("\n");
    throw new UsageError(`the kubeconfig cannot be read: ${reason}: ${hint}`);
  }
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      throw new UsageError(`the kubeconfig has no context ${context}: correct kubernetes:context, or ${hint}`);
    }
    config.setCurrentContext(context);
  }
  // The library's last resort, which no cluster listens on any more.
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || server === "http://localhost:8080") {
    throw new UsageError("no Kubernetes cluster is named: set KUBECONFIG, or choose one by kubectl config use-context");
  }
  return config;
}

function load(config: KubeConfig, kubeconfig: string | undefined): void {
  const path = kubeconfig?.replace(/^~(?=\/)/, homedir());
  if (kubeconfig === undefined || path === undefined) config.loadFromDefault();
  else if (path.startsWith("/")) config.loadFromFile(path);
  else config.loadFromString(kubeconfig);
}
