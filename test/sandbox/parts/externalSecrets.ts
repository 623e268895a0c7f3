import { join } from "node:path";
import type { SandboxPaths } from "../paths";
import type { Part } from "../process/parts";
import { answers } from "./http";

/** External Secrets Operator; it reads AWS with the credentials of its own environment. */
export function externalSecretsPart(
  folder: string,
  paths: SandboxPaths,
  aws: Readonly<Record<string, string>>,
  port: number,
): Part {
  const endpoint = aws.AWS_ENDPOINT_URL ?? "";
  return {
    name: "external-secrets",
    command: join(folder, "external-secrets"),
    args: [
      ...["--enable-leader-election=false", "--concurrent=4", "--metrics-addr=0"],
      `--live-addr=127.0.0.1:${port}`,
      ...["--enable-cluster-external-secret-reconciler=false", "--enable-cluster-push-secret-reconciler=false"],
      ...["--enable-push-secret-reconciler=false"],
    ],
    env: {
      ...aws,
      KUBECONFIG: paths.kubeconfig,
      AWS_SECRETSMANAGER_ENDPOINT: endpoint,
      AWS_STS_ENDPOINT: endpoint,
    },
    ready: () => answers(`http://127.0.0.1:${port}/healthz`),
  };
}
