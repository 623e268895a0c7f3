/** What the kubelet prints when it watches the cluster. */
export const readyLine = "kubelet: watching for pods";

export interface KubeletSettings {
  readonly sandboxDir: string;
  readonly nodeName: string;
  readonly kubeconfig: string;
  /** How long after a Secret has changed the mounted files change. A real kubelet takes up to a minute or more. */
  readonly refreshDelayMs: number;
}

/** @throws Error if a needed variable is missing */
export function readSettings(env: NodeJS.ProcessEnv): KubeletSettings {
  const { SANDBOX_DIR: sandboxDir, KUBECONFIG: kubeconfig } = env;
  if (!sandboxDir || !kubeconfig) throw new Error("the kubelet needs SANDBOX_DIR and KUBECONFIG in its environment");
  const refreshDelayMs = Number(env.KUBELET_REFRESH_DELAY_MS || 200);
  if (!(refreshDelayMs >= 0)) throw new Error("KUBELET_REFRESH_DELAY_MS must be a number of milliseconds");
  return { sandboxDir, kubeconfig, refreshDelayMs, nodeName: "sandbox" };
}
