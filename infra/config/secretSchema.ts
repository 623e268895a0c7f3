import { z } from "zod";
import { kindNames, kinds, strategies } from "../kinds";
import { duration } from "./duration";
import { queryIn } from "./gjsonPath";

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
/** PostgreSQL takes any text; it reads `none` and `public` otherwise in statements, and keeps `pg_` for itself. */
const role = z
  .string()
  .refine(
    (name) =>
      Buffer.byteLength(name) <= 63 &&
      /^\S(.*\S)?$/u.test(name) &&
      !/\p{Cc}/u.test(name) &&
      !/^(pg_.*|none|public)$/.test(name),
    "must be a PostgreSQL role name: at most 63 bytes, no control characters, no blank at either end, not pg_…",
  );

/**
 * A workload that takes the secret, and how: `volume` (a mounted file) or `env`. Which of them is for whoever reads the
 * configuration: a rotation restarts either, and does not look into the pod template for it.
 */
const consumerSchema = z.strictObject({
  namespace: namespaceName,
  kind: z.enum(["Deployment", "StatefulSet", "DaemonSet"]).default("Deployment"),
  name: kubernetesName,
  takes: z.enum(["volume", "env"]),
});

/** What External Secrets writes: one Kubernetes Secret of this name in every namespace that has a consumer. */
const externalSecretSchema = z.strictObject({
  target: kubernetesName,
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

const tls = z.enum(["verify-full", "require", "disable"]);

const databaseSchema = z.strictObject({
  engine: z.literal("postgres").default("postgres"),
  /**
   * Where services connect. Default: the host and the port that the superuser's secret says, and the port 5432. A value that the secret has must be for the same
   * host, by whatever name: letter case and aliases make no difference.
   */
  host: z.string().min(1).optional(),
  port: z.number().int().min(1).max(65535).optional(),
  /**
   * Where the superuser's secret logs in, when services connect elsewhere: through a pooler (PgBouncer), a proxy (RDS Proxy)
   * or at a reader. `host` and `port` above, and those in the secret's value, are the services'.
   */
  admin: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65535).default(5432),
      /** Default: as for services. */
      tls: tls.optional(),
      tlsCaFile: z.string().min(1).optional(),
    })
    .optional(),
  dbname: z.string().min(1).max(63),
  /** alternating-users: the two login roles; single-user: the one. */
  roles: z.array(role).min(1).max(2),
  /** alternating-users: the NOLOGIN role that owns what both use. */
  groupRole: role.optional(),
  tls: tls.default("verify-full"),
  /** File with the CA certificates that verify-full trusts; default: the system's. */
  tlsCaFile: z.string().min(1).optional(),
  /**
   * Full name or ARN of the secret whose role may alter these roles. Its JSON has this structure too; one that RDS keeps for
   * the master user has username and password alone.
   */
  superuserSecret: z.string().min(1),
  /**
   * A role that exists, and that the secret holds no credential of, gets a new password only where this is true. From then
   * on the role's comment says which secret it belongs to.
   */
  adopt: z.boolean().default(false),
  /**
   * Run as the new credential before it becomes current: what the service needs must be in it. The check runs it as the
   * current one, in a transaction that is rolled back.
   */
  probeSql: z.string().min(1).default("SELECT 1"),
  /** alternating-users: how long the other role stays valid at least before it may be changed again. */
  gracePeriod: duration({ min: "0s", max: "30d" }).prefault("1h"),
  /** alternating-users: how long to wait for the last sessions of the other role to end before refusing to change it. */
  drainTimeout: duration({ min: "0s", max: "1h" }).prefault("30s"),
});

/** One declared secret: `secret-rotation:secrets[i]` in Pulumi.<stack>.yaml. */
export const secretSchema = z
  .strictObject({
    /** Names the secret in AWS, after the environment, and in Kubernetes the annotation of a workload, which allows no more. */
    name: z
      .string()
      .regex(
        /^[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?(\/[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?)*$/,
        "must be letters, digits and _.- in parts divided by /, each begun and ended by a letter or digit",
      )
      .max(60, "must have at most 60 characters"),
    description: z.string().max(2048).optional(),
    kind: z.enum(kindNames),
    strategy: z.enum(strategies).optional(),
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
    externalSecret: externalSecretSchema.optional(),
    consumers: z.array(consumerSchema).default([]),
    database: databaseSchema.optional(),
    /** How long a rollout of one consumer may take before the rotation is called failed. */
    rolloutTimeout: duration({ min: "5s", max: "2h" }).prefault("10m"),
    /** How long External Secrets may take to bring the new version into Kubernetes; below 5s even a healthy one does not. */
    syncTimeout: duration({ min: "5s", max: "1h" }).prefault("2m"),
  })
  .transform((secret) => ({ ...secret, strategy: secret.strategy ?? kinds[secret.kind].strategies[0] }));

export type SecretDeclaration = z.output<typeof secretSchema>;
export type ConsumerDeclaration = SecretDeclaration["consumers"][number];
export type DatabaseDeclaration = NonNullable<SecretDeclaration["database"]>;
