import type { V1Deployment, V1PodSpec } from "@kubernetes/client-node";

const port = 8080;

// Answers with the environment and the mounted file that it was told to show; fails its readiness probe while a file is there.
const server = `
  const { existsSync, readFileSync } = require("node:fs");
  require("node:http").createServer((request, response) => {
    if (request.url === "/ready") response.statusCode = existsSync("not-ready") ? 503 : 200;
    const file = process.env.SHOWN_FILE;
    response.end(JSON.stringify({ env: process.env, cwd: process.cwd(), file: file && readFileSync(file, "utf8") }));
  }).listen(${port}, process.env.POD_IP);
  process.on("SIGTERM", () => process.exit(0));
`;

export interface Shown {
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly file?: string;
}

/** What a pod's server shows. */
export async function show(podIp: string | undefined): Promise<Shown> {
  const response = await fetch(`http://${podIp}:${port}/`, { signal: AbortSignal.timeout(2000) });
  return (await response.json()) as Shown;
}

/** A pod that runs a small HTTP server. */
export function serverPod(
  container: Partial<V1PodSpec["containers"][number]>,
  spec: Partial<V1PodSpec> = {},
): V1PodSpec {
  const podIp = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };
  return {
    terminationGracePeriodSeconds: 5,
    ...spec,
    containers: [
      {
        name: "server",
        image: "node:22",
        command: ["node", "-e", server],
        readinessProbe: { httpGet: { path: "/ready", port }, periodSeconds: 1, failureThreshold: 1 },
        ...container,
        env: [podIp, ...(container.env ?? [])],
      },
    ],
  };
}

export function deployment(name: string, replicas: number, spec: V1PodSpec): V1Deployment {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
