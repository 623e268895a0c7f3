// The stand-in for Pulumi's aws provider as a process: `node -r policies/typescript.js providers.ts` prints its port as one
// line of JSON, {"aws": 40001}, for PULUMI_DEBUG_PROVIDERS, and serves until SIGTERM or SIGINT.
import { awsProvider } from "./awsProvider";
import { serveProvider } from "./provider/server";

async function main(): Promise<void> {
  const server = await serveProvider(awsProvider);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      server.close();
      process.exit(0);
    });
  }
  process.stdout.write(`${JSON.stringify({ aws: server.port })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`the stand-in of the aws provider could not be started: ${String(error)}\n`);
  process.exitCode = 1;
});
