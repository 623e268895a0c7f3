import { join } from "node:path";
import type { V1Deployment, V1EnvVar, V1Service } from "@kubernetes/client-node";
import { typescriptArgs } from "../sandbox/paths";
import { lifetimes, serviceName, tlsServiceName } from "./declared";

const [port, tlsPort] = [8080, 8443];
const mounted = ["acme", "web-tls", "tokens"];

/** The service in service.ts with two replicas, never fewer while it is restarted. */
export function kindsObjects(namespace: string, issuerUrl: string): (V1Deployment | V1Service)[] {
  const labels = { app: serviceName };
  const service = (name: string, targetPort: number): V1Service => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ port: 80, targetPort }] },
  });
  const fromSecret = (name: string, secret: string, key: string): V1EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  const env: V1EnvVar[] = [
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "PORT", value: String(port) },
    { name: "TLS_PORT", value: String(tlsPort) },
    { name: "ISSUER_URL", value: issuerUrl },
    { name: "TOKEN_LIFETIME_SECONDS", value: String(lifetimes.tokenSeconds) },
    { name: "KEY_ACTIVATION_SECONDS", value: String(lifetimes.keyActivationSeconds) },
    fromSecret("MAILER_KEY", "mailer", "key"),
    fromSecret("JWT_CURRENT", "jwt", "current"),
    fromSecret("JWT_PREVIOUS", "jwt", "previous"),
  ];
  const container = {
    ...{ name: "service", image: "node:22", env },
    command: [process.execPath, ...typescriptArgs, join(__dirname, "service.ts")],
    readinessProbe: { httpGet: { path: "/healthz", port }, periodSeconds: 1, timeoutSeconds: 3 },
    volumeMounts: mounted.map((name) => ({ name, mountPath: `/etc/secrets/${name}`, readOnly: true })),
  };
  const volumes = mounted.map((name) => ({ name, secret: { secretName: name } }));
  const deployment: V1Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: serviceName, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 15, containers: [container], volumes },
      },
    },
  };
  return [service(serviceName, port), service(tlsServiceName, tlsPort), deployment];
}
