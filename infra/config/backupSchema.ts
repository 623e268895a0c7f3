import { z } from "zod";

/** `secret-rotation:backup` in Pulumi.<stack>.yaml: where the values that a run replaces are kept before it begins. */
export const backupSchema = z
  .strictObject({
    bucket: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        "must be a bucket's name: 3 to 63 lower case letters, digits, . and -",
      ),
    /** Encrypts the backups; default: a key of the stack's own, by its alias. */
    kmsKeyId: z.string().min(1).optional(),
    prefix: z
      .string()
      .regex(/^[a-zA-Z0-9_.-]+(\/[a-zA-Z0-9_.-]+)*$/, "must be letters, digits and _.- in parts divided by /")
      .max(200)
      .default("secret-backups"),
    /** A backup is deleted after this many days. */
    retentionDays: z.number().int().min(1).max(3650).default(90),
    /** Until then nobody (COMPLIANCE), or only who may bypass it (GOVERNANCE), deletes a backup. */
    objectLock: z
      .strictObject({ mode: z.enum(["GOVERNANCE", "COMPLIANCE"]), days: z.number().int().min(1).max(3650) })
      .optional(),
    /** Whether the stack makes the bucket, and the key when none is named; false: they are there already. */
    provision: z.boolean().default(true),
  })
  .check(({ value, issues }) => {
    const report = (path: string[], message: string) => issues.push({ code: "custom", input: value, path, message });
    if (!value.provision && value.kmsKeyId === undefined) {
      report(["kmsKeyId"], "is needed where the stack does not provision bucket and key");
    }
    if (!value.provision && value.objectLock) {
      report(["objectLock"], "belongs to a bucket that the stack provisions: lock yours where it is made");
    }
    if (value.objectLock && value.objectLock.days > value.retentionDays) {
      report(["objectLock", "days"], `must be at most retentionDays, ${value.retentionDays}`);
    }
  });

export type BackupDeclaration = z.output<typeof backupSchema>;
