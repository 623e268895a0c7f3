import { readFileSync } from "node:fs";
import { AppsV1Api, CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import type { Sandbox } from "../../sandbox";

/** The cluster of a sandbox, seen by a test. */
export function clusterOf({ env }: Sandbox) {
  const config = new KubeConfig();
  config.loadFromString(readFileSync(env.KUBECONFIG ?? "", "utf8"));
  return {
    apps: config.makeApiClient(AppsV1Api),
    core: config.makeApiClient(CoreV1Api),
    custom: config.makeApiClient(CustomObjectsApi),
  };
}
