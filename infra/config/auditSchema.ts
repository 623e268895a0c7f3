import { z } from "zod";

/** `secret-rotation:audit`: the places that get a record of every run. All of them get it; `history` reads the first. */
export const auditSchema = z
  .strictObject({
    s3: z
      .strictObject({
        bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket"),
        /** Of the keys: `<prefix>/<environment>/<time>-<run>-…`. */
        prefix: z
          .string()
          .regex(/^[\w!.*'()-]+(\/[\w!.*'()-]+)*$/, "must be letters, digits and !-_.*'() in parts divided by /")
          .default("secret-audit"),
      })
      .optional(),
    cloudWatchLogs: z
      .strictObject({
        /** It has to exist: whoever makes it says how long it keeps what is in it. */
        logGroup: z
          .string()
          .regex(/^[\w/.#-]{1,512}$/, "must be the name of a log group: letters, digits, _, -, /, . and #"),
      })
      .optional(),
    /** A file with a record a line, relative to the project's folder. */
    file: z.string().min(1).optional(),
  })
  .refine((audit) => Object.keys(audit).length > 0, "name a place: s3, cloudWatchLogs or file");

export type AuditDeclaration = z.output<typeof auditSchema>;
