import { z } from "zod";
import { duration } from "./duration";

const days = 86_400;

/**
 * How AWS rotates a secret of strategy `native`, where this stack sets that: by a Lambda function, or, of a managed external secret,
 * by itself. A secret without this block is rotated as somebody else has set it.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
 */
export const nativeSchema = z
  .strictObject({
    /** ARN of the rotation function. Its owner lets Secrets Manager invoke it (lambda add-permission). */
    lambda: z
      .string()
      .regex(
        /^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,140}(:[\w$-]+)?$/,
        "must be the ARN of a Lambda function",
      )
      .optional(),
    /** A managed external secret: AWS rotates it at its partner, without a function. */
    external: z
      .strictObject({
        /** E.g. SalesforceClientSecret. AWS takes it when the secret is made, and never changes it. */
        type: z.string().regex(/^[A-Za-z0-9]{1,64}$/, "must be the type of a managed external secret"),
        /** The role that Secrets Manager takes to rotate it. */
        roleArn: z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/, "must be the ARN of a role"),
        /** What the partner wants to know, e.g. `{apiVersion: v65.0}`; no secret. */
        metadata: z.record(z.string().min(1), z.string().min(1)).default({}),
      })
      .optional(),
    /** Seconds after the last rotation, in whole days. */
    automaticallyAfter: duration({ min: "1d", max: "1000d" })
      .refine((seconds) => seconds % days === 0, "must be whole days, e.g. 30d")
      .optional(),
    /** In UTC. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
    schedule: z
      .string()
      .regex(
        /^(rate\([1-9]\d* (hours?|days?)\)|cron\(\S+ \S+ \S+ \S+ \S+ \S+\))$/,
        "must be rate(N days), rate(N hours) or cron(…) with six fields, e.g. cron(0 2 1 * ? *)",
      )
      .optional(),
    /** How long the window is in which AWS rotates, in whole hours. */
    window: z
      .string()
      .regex(/^([1-9]|1\d|2[0-4])h$/, "must be whole hours, e.g. 3h")
      .optional(),
    /** Whether AWS rotates at once whenever this rotation is set or changed, and does not wait for its schedule. */
    rotateImmediately: z.boolean().default(false),
  })
  .refine(
    ({ lambda, external }) => (lambda === undefined) !== (external === undefined),
    "name lambda, or external for a managed external secret",
  )
  .refine(
    ({ automaticallyAfter, schedule }) => (automaticallyAfter === undefined) !== (schedule === undefined),
    "say when: automaticallyAfter, or schedule",
  );

export type NativeRotation = z.output<typeof nativeSchema>;

/** The days between two rotations; undefined: the schedule says it. */
export function daysBetweenRotations({ automaticallyAfter }: NativeRotation): number | undefined {
  return automaticallyAfter === undefined ? undefined : automaticallyAfter / days;
}
