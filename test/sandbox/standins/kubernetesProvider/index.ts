import type { Provider } from "../provider/provider";
import { unimplemented } from "../provider/unimplemented";
import { configure, type KubernetesConfig } from "./config";
import { objectType } from "./objectType";

// What the package has beside objects of the cluster.
const notObjects = /^kubernetes:(helm\.sh|kustomize|yaml|index)\//;

export const kubernetesProvider: Provider<KubernetesConfig> = {
  name: "kubernetes",
  version: (require("@pulumi/kubernetes/package.json") as { version: string }).version,
  configure,
  resourceType: (type) => (notObjects.test(type) ? unimplemented("kubernetes", type) : objectType),
  async invoke({ token }) {
    throw new Error(`the sandbox's kubernetes provider stand-in does not implement the function ${token}`);
  },
};
