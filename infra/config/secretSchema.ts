import { z } from "zod";
import type { Consumers } from "./consumerKind";
import { duration } from "./duration";
import { queryIn } from "./gjsonPath";
import { nativeSchema } from "./nativeSchema";

export const kubernetesName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "must be a Kubernetes name: lower case letters, digits, - and .",
  );
const namespaceName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "must be a namespace's name: at most 63 lower case letters, digits and -",
  );
/**
 * A consumer in Kubernetes that takes the secret, and how: `volume` (a mounted file) or `env`. Which of them is for whoever reads the
 * configuration: a rotation restarts either, and does not look into the pod template for it.
 */
export const kubernetesConsumerSchema = z.strictObject({
  namespace: namespaceName,
  kind: z.string(),
  name: kubernetesName,
  takes: z.enum(["volume", "env"]),
  /**
   * Who restarts it when the secret was rotated. Default: Stakater Reloader where the workload's annotations ask it to, else the driver.
   * `reloader` where annotations do not show it: Reloader runs with `--auto-reload-all`, or with other keys of annotations.
   */
  restart: z.enum(["driver", "reloader"]).optional(),
});

/** What External Secrets writes: one Kubernetes Secret of this name in every namespace that has a consumer. */
const externalSecretSchema = z.strictObject({
  target: kubernetesName,
  /** Type of the Kubernetes Secret, e.g. `kubernetes.io/tls`; default: Opaque. Kubernetes lets none change its type: give another target then. */
  type: z
    .string()
    .regex(
      /^[a-zA-Z0-9]([-./a-zA-Z0-9]{0,251}[a-zA-Z0-9])?$/,
      "must be a type of a Kubernetes Secret, e.g. kubernetes.io/tls",
    )
    .optional(),
  keys: z
    .array(
      z.strictObject({
        key: z
          .string()
          .regex(
            /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/,
            "must be a key of a Kubernetes Secret: letters, digits, -, _ and .",
          ),
        /**
         * Property of the secret's JSON, without it the whole value, unchanged. As External Secrets reads it: a name, or a
         * path such as `webhook.id` or `hosts.0`; `*` and `?` stand for any characters, `\` takes the next one literally.
         */
        property: z
          .string()
          .min(1, "must not be empty: leave it out for the whole value")
          .superRefine((property, { addIssue }) => {
            const query = queryIn(property);
            if (query !== undefined)
              addIssue(
                `is no name or path: External Secrets would take ${query} for a query. Where it belongs to a name, write \\${query.slice(0, 1)}`,
              );
          })
          .optional(),
      }),
    )
    .min(1, "name at least one key"),
  refreshInterval: duration({ min: "1m", max: "1h" }).prefault("5m"),
  /** Namespaces that get the Kubernetes Secret beside those of the consumers. */
  namespaces: z.array(namespaceName).default([]),
});

/** What each declaration may have, of whatever kind: `secret-rotation:secrets[i]` in Pulumi.<stack>.yaml. */
export const commonSchema = z.strictObject({
  /** Names the secret in AWS, after the environment, and in Kubernetes the annotation of a workload, which allows no more. */
  name: z
    .string()
    .regex(
      /^[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?(\/[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?)*$/,
      "must be letters, digits and _.- in parts divided by /, each begun and ended by a letter or digit",
    )
    .max(60, "must have at most 60 characters"),
  description: z.string().max(2048).optional(),
  kind: z.string(),
  /** How it is rotated; default: the first strategy of its kind. */
  strategy: z.string().optional(),
  maxAgeDays: z.number().int().min(1).max(3650).optional(),
  /** Why this limit, for auditors. Where it is above the kind's own, `rotation evidence` remarks that none is said. */
  maxAgeReason: z
    .string()
    .max(500)
    .regex(/^\S([^\p{Cc}]*\S)?$/u, "must be one line of text")
    .optional(),
  kmsKeyId: z.string().min(1).optional(),
  recoveryWindowDays: z.number().int().min(7).max(30).default(30),
  /** The number of characters of a generated value; of a database's, its password. */
  length: z.number().int().min(32).max(1024).default(48),
  /**
   * Strategy simple: the value is a JSON document, of which this property alone is renewed, by its name or by names with
   * dots between them. The rest stays byte for byte. The first value is a document with nothing else.
   */
  property: z
    .string()
    .refine(
      (name) =>
        /^[^\\*?#|@!{}[\].][^\\*?#|{}[\]]*$/.test(name) &&
        name.split(".").every((part) => part !== "" && !part.startsWith("@")),
      "must be the name of a property, or names with dots between them",
    )
    .optional(),
  /** Strategy native: how AWS rotates it, where this stack sets that. */
  native: nativeSchema.optional(),
  externalSecret: externalSecretSchema.optional(),
  /** Each by its kind: read by parseConsumers. */
  consumers: z.array(z.unknown()).default([]),
  /** How long a rollout of one consumer may take before the rotation is called failed. */
  rolloutTimeout: duration({ min: "5s", max: "2h" }).prefault("10m"),
  /** How long External Secrets may take to bring the new version into Kubernetes; below 5s even a healthy one does not. */
  syncTimeout: duration({ min: "5s", max: "1h" }).prefault("2m"),
});

/** One declared secret, with what follows from its kind. */
export interface SecretDeclaration
  extends Omit<z.output<typeof commonSchema>, "strategy" | "maxAgeDays" | "consumers">,
    Consumers {
  readonly strategy: string;
  /** Its own, or its kind's; development caps it, see `effectiveMaxAgeDays`. */
  readonly maxAgeDays: number;
  /** What it would be by its kind alone. */
  readonly kindMaxAgeDays: number;
  /** How long its kind's own steps may wait at most, beside the timeouts above. */
  readonly waitSeconds: number;
  /** The block under its kind's name, as that kind's schema reads it; undefined: it has none. */
  readonly parameters: unknown;
}
export type { AwsConsumer, ConsumerDeclaration } from "./consumerKind";
