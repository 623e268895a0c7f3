import { resolve } from "node:path";
import type { V1Deployment, V1EnvVar, V1Service, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { typescriptArgs } from "../sandbox/paths";

/** The same service twice: with its secrets as mounted files, and in its environment. */
export const sampleServices = ["shop-files", "shop-env"] as const;
export type SampleServiceName = (typeof sampleServices)[number];

export interface SampleServiceOptions {
  readonly namespace: string;
  readonly replicas: number;
  /** After this time without progress Kubernetes calls a rollout failed. */
  readonly progressDeadlineSeconds: number;
  /** Short here, so that credentials are taken anew all the time. */
  readonly poolMaxLifetimeSeconds: number;
  /** How long a pod goes on serving after it was told to end. */
  readonly lameduckSeconds: number;
  /** Longer than a rollout of both Deployments, shorter than the time between two rotations of the signing key. */
  readonly keyActivationSeconds: number;
  /** After this time without one of its databases a pod gets no requests any more, those that do not need it included. */
  readonly unreadyAfterSeconds: number;
}

export const defaults: SampleServiceOptions = Object.freeze({
  namespace: "shop",
  replicas: 2,
  progressDeadlineSeconds: 120,
  poolMaxLifetimeSeconds: 3,
  lameduckSeconds: 1,
  keyActivationSeconds: 15,
  unreadyAfterSeconds: 10,
});

const port = 8080;
const databaseKeys = ["host", "port", "dbname", "username", "password"] as const;

/** The command that runs the service from this clone. A service of one's own has an image that holds it. */
export const serviceCommand: readonly string[] = [
  process.execPath,
  ...typescriptArgs,
  resolve(__dirname, "service.ts"),
];

/** Everything of the sample service, in the order in which it is applied. */
export function sampleServiceObjects(options: Partial<SampleServiceOptions> = {}): (V1Deployment | V1Service)[] {
  return sampleServices.flatMap((name) => [service(name, options), deployment(name, options)]);
}

export function service(name: SampleServiceName, options: Partial<SampleServiceOptions> = {}): V1Service {
  const { namespace } = { ...defaults, ...options };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: labels(name) },
    spec: { selector: labels(name), ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

/** A Deployment that never has fewer ready pods than replicas while it is restarted. */
export function deployment(name: SampleServiceName, options: Partial<SampleServiceOptions> = {}): V1Deployment {
  const settings = { ...defaults, ...options };
  const takes = name === "shop-files" ? secretFiles() : { env: secretEnvironment() };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: settings.namespace, labels: labels(name) },
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: labels(name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      progressDeadlineSeconds: settings.progressDeadlineSeconds,
      template: {
        metadata: { labels: labels(name) },
        spec: {
          terminationGracePeriodSeconds: settings.lameduckSeconds + 10,
          containers: [
            {
              name: "service",
              image: "node:22",
              command: [...serviceCommand],
              env: [...commonEnvironment(settings), ...takes.env],
              ports: [{ name: "http", containerPort: port }],
              readinessProbe: {
                httpGet: { path: "/healthz", port: "http" },
                periodSeconds: 1,
                timeoutSeconds: 3,
                failureThreshold: settings.unreadyAfterSeconds,
              },
              ...("volumeMounts" in takes && { volumeMounts: takes.volumeMounts }),
            },
          ],
          ...("volumes" in takes && { volumes: takes.volumes }),
        },
      },
    },
  };
}

function labels(name: SampleServiceName): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

function commonEnvironment(settings: SampleServiceOptions): V1EnvVar[] {
  return [
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "PORT", value: String(port) },
    { name: "POOL_MAX_LIFETIME_SECONDS", value: String(settings.poolMaxLifetimeSeconds) },
    { name: "LAMEDUCK_SECONDS", value: String(settings.lameduckSeconds) },
    { name: "KEY_ACTIVATION_SECONDS", value: String(settings.keyActivationSeconds) },
  ];
}

interface SecretFiles {
  readonly env: V1EnvVar[];
  readonly volumes: V1Volume[];
  readonly volumeMounts: V1VolumeMount[];
}

function secretFiles(): SecretFiles {
  const secrets = ["session-key", "jwt-signing", "orders-db", "reports-db"];
  return {
    env: [{ name: "SECRETS_DIR", value: "/etc/secrets" }],
    volumes: secrets.map((secretName) => ({ name: secretName, secret: { secretName } })),
    volumeMounts: secrets.map((name) => ({ name, mountPath: `/etc/secrets/${name}`, readOnly: true })),
  };
}

function secretEnvironment(): V1EnvVar[] {
  const fromSecret = (name: string, secret: string, key: string): V1EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  return [
    ...databaseKeys.map((key) => fromSecret(`ORDERS_${key.toUpperCase()}`, "orders-db", key)),
    ...databaseKeys.map((key) => fromSecret(`REPORTS_${key.toUpperCase()}`, "reports-db", key)),
    fromSecret("SESSION_KEY", "session-key", "SESSION_KEY"),
    fromSecret("JWT_CURRENT", "jwt-signing", "current"),
    fromSecret("JWT_PREVIOUS", "jwt-signing", "previous"),
  ];
}
