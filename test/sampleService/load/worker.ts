// The load's own process: started by SampleLoad, which asks by messages and is answered by messages.
import { KubeConfig } from "@kubernetes/client-node";
import { watchEndpoints } from "./endpoints";
import { Load, type LoadOptions } from "./load";
import type { LoadReport } from "./report";

export interface WorkerOptions extends LoadOptions {
  /** Path of the kubeconfig file. */
  readonly kubeconfig: string;
  readonly namespace: string;
}

export type WorkerMessage =
  | { readonly kind: "started" }
  | { readonly kind: "report"; readonly report: LoadReport }
  | { readonly kind: "failed"; readonly message: string };

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "") as WorkerOptions;
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(options.kubeconfig);
  const load = new Load(watchEndpoints(kubeconfig, options.namespace, options.services), options);
  process.on("SIGINT", () => undefined); // a terminal sends it to all; the parent decides when this ends
  process.on("disconnect", () => process.exit());
  await load.start();
  tell({ kind: "started" });
  process.on("message", (question) => {
    if (question === "snapshot") tell({ kind: "report", report: load.snapshot() });
    if (question === "stop")
      void load.stop().then((report) => process.send?.({ kind: "report", report }, () => process.disconnect()));
  });
}

main().catch((error: unknown) => {
  tell({
    kind: "failed",
    message: error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error),
  });
  process.disconnect();
});
