import { z } from "zod";
import { defineRotator } from "../defineRotator";

/** The block `ssh-key` of a declaration. */
const parameters = z.strictObject({
  runbook: z
    .string()
    .max(256)
    .regex(
      /^[\p{L}\p{N}_.:/=+@-][\p{L}\p{N} _.:/=+@-]*$/u,
      "must be a name or a URL of letters, digits, blanks and _.:/=+-@",
    )
    .optional()
    .describe("by which people rotate it; status and the policies name it; default: ssh-key-rotation"),
});

export const sshKey = defineRotator({
  kind: "ssh-key",
  about: "a key that people use",
  maxAgeDays: 365,
  parameters,
  runbook: (given) => given?.runbook,
  strategies: {
    manual: { about: "none: people rotate it, and its age is watched", watchedOnly: "it is rotated by hand" },
  },
});
