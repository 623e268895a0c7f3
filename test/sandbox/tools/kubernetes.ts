import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "./cache";
import { goBuild } from "./goBuild";

const version = "1.36.3";

/** etcd, kube-apiserver and kube-controller-manager, from the sources that kubernetes/go.mod pins. */
export const kubernetesRecipe: Recipe = {
  name: `kubernetes-${version}`,
  title: `building etcd, kube-apiserver and kube-controller-manager ${version} (once; about 6 minutes)`,
  async build(folder, task) {
    const packages = [
      "go.etcd.io/etcd/server/v3",
      "k8s.io/kubernetes/cmd/kube-apiserver",
      "k8s.io/kubernetes/cmd/kube-controller-manager",
    ];
    const module = join(__dirname, "kubernetes");
    await goBuild({ module, packages, output: `${folder}/`, ldflags: "-s -w" }, task);
    await rename(join(folder, "server"), join(folder, "etcd")); // the package's last path element is "server"
  },
};
