import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Outcome } from "./engine";
import { dateDaysAgo, daysAgo } from "./resources";

export const canary = "canary-value-7d1e";
export const ageOf = (name: string, days: number, stack = "prod", limit = "90 days (no tag max-age-days)") =>
  `${stack}/${name} is ${days} days old (since ${dateDaysAgo(days)}); its limit is ${limit}. ` +
  `Run: npm run rotate -- ${name} --stack ${stack}`;
export const mandatory = ({ reported }: Outcome) => reported.filter(({ level }) => level === "mandatory");

/** A database secret as infra/ declares it, rotated so many days ago. */
export function declareSecret(name: string, rotatedDaysAgo: number, more: Partial<aws.secretsmanager.SecretArgs> = {}) {
  const environment = pulumi.getStack();
  return new aws.secretsmanager.Secret(name, {
    name: `${environment}/${name}`,
    kmsKeyId: "alias/shop-secrets",
    tags: {
      "managed-by": "secret-rotation",
      environment,
      kind: "database",
      strategy: "alternating-users",
      "created-at": daysAgo(rotatedDaysAgo),
      "rotated-at": daysAgo(rotatedDaysAgo),
    },
    ...more,
  });
}

/** Both alarms of a secret. */
function declareAlarms(name: string) {
  for (const metricName of ["RotationFailure", "SecretAgeDays"]) {
    new aws.cloudwatch.MetricAlarm(`${name}/${metricName}`, {
      namespace: "SecretRotation",
      metricName,
      dimensions: { SecretName: `${pulumi.getStack()}/${name}` },
      alarmActions: ["arn:aws:sns:eu-west-1:123456789012:on-call"],
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
    });
  }
}

/** Such a secret with its alarms, and its way into Kubernetes. */
export function declare(name: string, rotatedDaysAgo: number, more: Partial<aws.secretsmanager.SecretArgs> = {}) {
  const secret = declareSecret(name, rotatedDaysAgo, more);
  declareAlarms(name);
  const metadata = { name: name.replaceAll("/", "-"), namespace: "policies" };
  new k8s.apiextensions.CustomResource(name, {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      refreshInterval: "5m0s",
      secretStoreRef: { name: "secret-rotation", kind: "SecretStore" },
      target: { name: metadata.name, creationPolicy: "Owner", deletionPolicy: "Retain" },
      // Not known in the preview of a new stack.
      data: [{ secretKey: "password", remoteRef: { key: secret.arn } }],
    },
  });
}

export function declareStore() {
  new k8s.apiextensions.CustomResource("store", {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: "secret-rotation", namespace: "policies" },
    spec: { provider: { aws: { service: "SecretsManager", region: "eu-west-1" } } },
  });
}
