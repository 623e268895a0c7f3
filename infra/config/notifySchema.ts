import { z } from "zod";

/** Pulumi's engine gets these variables of the driver's environment, and its providers and policies with it. */
const passedOn = /^(AWS|AZURE|ARM|GOOGLE|CLOUDSDK|VAULT|PULUMI|SECRET_ROTATION|XDG|LC)_/;

/** `secret-rotation:notify` in Pulumi.<stack>.yaml: who is told of the end of every run. */
export const notifySchema = z
  .strictObject({
    sns: z
      .strictObject({
        topicArn: z
          .string()
          .regex(
            /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
            "must be the ARN of a topic (not a FIFO one): arn:aws:sns:REGION:ACCOUNT:NAME",
          ),
        /** The key that encrypts the topic, for the permissions of whoever rotates; leave it out where none does. */
        kmsKeyId: z.string().min(1).optional(),
      })
      .optional(),
    /** One that takes what Slack's incoming webhooks take: a POST of {"text": "…"}. */
    webhook: z
      .strictObject({
        /** Whoever knows the URL can post: it is a secret, and stands in one of these, not here. */
        urlFrom: z
          .strictObject({
            /** A variable of the driver's environment. */
            env: z
              .string()
              .regex(/^[A-Za-z_]\w*$/, "must be the name of an environment variable, e.g. ROTATION_WEBHOOK_URL")
              .refine(
                (name) => !passedOn.test(name),
                "is a name that Pulumi's engine is given too: choose another one, e.g. ROTATION_WEBHOOK_URL",
              )
              .optional(),
            /** Full name or ARN of a secret in Secrets Manager whose value is the URL and nothing else. */
            secret: z.string().min(1).max(2048).optional(),
          })
          .refine(
            ({ env, secret }) => (env === undefined) !== (secret === undefined),
            "name one: env, a variable's name, or secret, a name in Secrets Manager",
          ),
      })
      .optional(),
  })
  .refine((notify) => Object.keys(notify).length > 0, "name who is told: sns or webhook");

export type NotifyDeclaration = z.output<typeof notifySchema>;
