import type { V1Node } from "@kubernetes/client-node";

/** The one node of the sandbox, ready and roomy. */
export function sandboxNode(name: string): V1Node {
  const resources = { cpu: "8", memory: "16Gi", pods: "250" };
  const now = new Date();
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [
        {
          ...{ type: "Ready", status: "True", reason: "KubeletReady", message: "process kubelet" },
          ...{ lastHeartbeatTime: now, lastTransitionTime: now },
        },
      ],
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    },
  };
}
