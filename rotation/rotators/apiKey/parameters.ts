import { z } from "zod";
import { duration } from "../../../infra/config/duration";
import { unusedFor } from "../../../infra/config/rotatorsSchema";
import { httpSchema } from "./httpSchema";
import { openaiSchema, sendgridSchema } from "./presets";

const iam = z.strictObject({
  user: z
    .string()
    .regex(
      /^([\w.,+=@-]+\/)*[\w.,+=@-]{1,64}$/,
      "must be the name of an IAM user, with its path where it has one: ci/deployer",
    )
    .describe("whose access keys they are, and nobody else's"),
});

const issuers = ["http", "openai", "sendgrid", "iam"] as const;

const issuer = z
  .strictObject({
    http: httpSchema.optional(),
    openai: openaiSchema.optional(),
    sendgrid: sendgridSchema.optional(),
    iam: iam.optional(),
  })
  .superRefine((said, { addIssue }) => {
    const named = issuers.filter((name) => said[name] !== undefined);
    if (named.length !== 1) addIssue(`must have one of ${issuers.join(", ")}, has ${named.join(" and ") || "none"}`);
  })
  .describe("who makes the keys: http, openai, sendgrid or iam, see rotation/rotators/apiKey/README.md");

/** The block `api-key` of a declaration. */
export const parameters = z.strictObject({
  issuer,
  order: z
    .enum(["secondary-first", "immediate"])
    .default("secondary-first")
    .describe(
      "secondary-first: the new key is stored as keySecondary, and takes over after the grace period, for keys that others hold too; immediate: it is used at once",
    ),
  gracePeriod: duration({ min: "0s", max: "30d" }).prefault("7d").describe("how long both keys stay valid at least"),
  unusedFor: unusedFor
    .optional()
    .describe(
      "an older key that was used after the new one took over is deleted when it was not used for so long; default: the grace period, and a day at least",
    ),
});

export type ApiKeyParameters = z.output<typeof parameters>;
