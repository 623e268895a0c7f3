// The provider stand-ins as one process: `node -r policies/typescript.js providers.ts` prints their ports as
// one line of JSON, {"aws": 40001, "kubernetes": 40002}, for PULUMI_DEBUG_PROVIDERS, and serves until SIGTERM or SIGINT.
import { awsProvider } from "./awsProvider";
import { kubernetesProvider } from "./kubernetesProvider";
import { loadClient } from "./kubernetesProvider/config";
import { serveProvider } from "./provider/server";

async function main(): Promise<void> {
  const servers = await Promise.all([serveProvider(awsProvider), serveProvider(kubernetesProvider)]);
  const [aws, kubernetes] = servers;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      for (const server of servers) server.close();
      process.exit(0);
    });
  }
  process.stdout.write(`${JSON.stringify({ aws: aws.port, kubernetes: kubernetes.port })}\n`);
  await loadClient(); // now, so that the first update does not wait for it
}

main().catch((error: unknown) => {
  process.stderr.write(`the provider stand-ins could not be started: ${String(error)}\n`);
  process.exitCode = 1;
});
