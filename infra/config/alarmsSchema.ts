import { z } from "zod";
import { duration } from "./duration";

const topicArn = /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;

/** `secret-rotation:alarms`: with it every secret has its alarms, and every run publishes the metrics that they watch. */
export const alarmsSchema = z
  .strictObject({
    /** ARN of the SNS topic that the alarms tell; default: the stack makes one. */
    topic: z
      .string()
      .regex(topicArn, "must be the ARN of an SNS topic, e.g. arn:aws:sns:eu-west-1:123456789012:on-call")
      .optional(),
    /** Encrypts the topic that the stack makes; default: a key of the stack's own. Its policy has to let CloudWatch use it. */
    kmsKeyId: z.string().min(1).optional(),
    /** Subscribers of the topic that the stack makes. Each gets a message by which to confirm that. */
    emails: z.array(z.email("must be an address, e.g. on-call@example.com")).default([]),
    /**
     * How long no age of a secret may be published before its alarm rings: the schedule has died then. More than twice the
     * time between two runs of `check` or `rotate --due`, a day by default; CloudWatch looks back seven days at most.
     */
    silentAfter: duration({ min: "2h", max: "7d" }).prefault("50h"),
    /** Whether the stack makes a dashboard. */
    dashboard: z.boolean().default(true),
  })
  .check(({ value, issues }) => {
    const report = (path: string[], message: string) => issues.push({ code: "custom", input: value, path, message });
    if (value.silentAfter % 3600 !== 0) report(["silentAfter"], "must be whole hours");
    if (value.topic === undefined) return;
    const made = "belongs to a topic that the stack makes: leave topic out, or look after it where that one is made";
    if (value.kmsKeyId !== undefined) report(["kmsKeyId"], made);
    if (value.emails.length > 0) report(["emails"], made);
  });

export type AlarmsDeclaration = z.output<typeof alarmsSchema>;
