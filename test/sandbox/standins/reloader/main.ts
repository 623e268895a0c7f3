// The stand-in for Stakater Reloader as a process, with the flags of the real one: it watches Secrets through the API server, and
// restarts workloads one change after the other, as Reloader 1.4.21 does (its documentation, and its source where that says more).
// What it has not: ConfigMaps, Jobs, Argo Rollouts, the CSI driver, other keys of annotations, webhooks, metrics.
import { parseArgs } from "node:util";
import { CoreV1Api, KubeConfig, makeInformer, type V1Secret } from "@kubernetes/client-node";
import { hashOf, reload } from "./reload";

/** What it prints when it watches. */
const readyLine = "reloader: watching for changes of Secrets";

const { values } = parseArgs({
  options: {
    "reload-strategy": { type: "string", default: "env-vars" },
    "auto-reload-all": { type: "string", default: "false" },
    "reload-on-create": { type: "string", default: "false" },
    "sync-after-restart": { type: "string", default: "false" },
    namespaces: { type: "string" },
  },
});
const options = {
  strategy: values["reload-strategy"] === "annotations" ? "annotations" : "env-vars",
  autoReloadAll: values["auto-reload-all"] === "true",
} as const;

async function watch(config: KubeConfig, namespace: string | undefined): Promise<void> {
  const core = config.makeApiClient(CoreV1Api);
  const known = new Map<string, string>();
  let isStarted = values["sync-after-restart"] === "true";
  let queue = Promise.resolve();
  const handle = (secret: V1Secret) => {
    const name = `${secret.metadata?.namespace}/${secret.metadata?.name}`;
    queue = queue
      .then(() => reload(config, secret, options))
      .then((done) => console.log(`${name} has changed: ${done.join(", ") || "nothing"} restarted`))
      .catch((error: unknown) => console.error(`${name}:`, error instanceof Error ? error.message : error));
  };
  const path = namespace === undefined ? "/api/v1/secrets" : `/api/v1/namespaces/${namespace}/secrets`;
  const informer = makeInformer<V1Secret>(config, path, () =>
    namespace === undefined ? core.listSecretForAllNamespaces() : core.listNamespacedSecret({ namespace }),
  );
  informer.on("add", (secret) => {
    known.set(secret.metadata?.uid ?? "", hashOf(secret));
    if (isStarted && values["reload-on-create"] === "true") handle(secret);
  });
  informer.on("update", (secret) => {
    const uid = secret.metadata?.uid ?? "";
    const isChanged = known.get(uid) !== hashOf(secret);
    known.set(uid, hashOf(secret));
    if (isChanged) handle(secret);
  });
  informer.on("error", () => setTimeout(() => void informer.start().catch(console.error), 1000));
  await informer.start();
  isStarted = true;
}

async function main(): Promise<void> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const namespaces = values.namespaces?.split(",") ?? [undefined];
  await Promise.all(namespaces.map((namespace) => watch(config, namespace)));
  console.log(readyLine);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
