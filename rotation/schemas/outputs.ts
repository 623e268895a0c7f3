import { z } from "zod";
import { recordSchema } from "../audit/record";
import { steps } from "../steps";

/**
 * What the commands print with `--json`. The JSON Schema files beside this one are made of it by `write.ts`; the types of the
 * commands' results have to fit. A new property may come at any time; schemaVersion changes when one changes its meaning.
 */

const schemaVersion = z.literal(1);
/** A stack's name, without its organization and project. */
const stack = z.string();
const instant = z.iso.datetime().describe("ISO 8601, UTC");
const versionId = z.string().describe("version id of Secrets Manager");
const named = z.string().describe("the secret's name, as the stack declares it");

const takers = z.array(
  z.strictObject({
    secret: named,
    undeclared: z.array(z.string()).describe("workloads that take the Kubernetes Secret without being declared"),
    unknown: z.array(z.string()).describe("what could not be asked"),
  }),
);

const violation = z.strictObject({
  policy: z.string(),
  level: z.enum(["advisory", "mandatory"]),
  secret: z.string().optional().describe("full name; missing: the configuration, or the stack"),
  message: z.string(),
});

const state = z.enum(["unknown", "not-provisioned", "deleted", "never-rotated", "interrupted", "stale", "due", "ok"]);
const status = z.strictObject({
  schemaVersion,
  stack,
  secrets: z.array(
    z.strictObject({
      secret: named,
      kind: z.string(),
      strategy: z.string(),
      rotatable: z.boolean().describe("whether rotate can rotate it"),
      state,
      versionId: versionId.optional(),
      rotatedAt: z.string().optional().describe("the tag; missing: never"),
      ageDays: z.number().optional().describe("whole UTC days; missing where nothing dates it"),
      maxAgeDays: z.number(),
      due: z
        .strictObject({ policy: z.string(), at: instant })
        .optional()
        .describe("the first violation of a policy that time brings, which may lie in the past"),
      daysToExpiry: z.number().optional().describe("UTC days until the value expires; missing where no tag says when"),
      next: z
        .strictObject({ at: instant, why: z.string() })
        .optional()
        .describe("when a scheduled run takes it; missing: none does, or nothing says when"),
      error: z
        .strictObject({ message: z.string(), hint: z.string().optional() })
        .optional()
        .describe("why the state is unknown"),
    }),
  ),
  takers,
});

const check = z.strictObject({
  schemaVersion,
  stack,
  checked: z.number().int().describe("secrets that are live under the environment's prefix"),
  violations: z.array(violation),
  takers,
  warnings: z.array(z.string()).describe("what beside the check did not succeed, such as its metrics"),
});

const error = z.strictObject({
  code: z.string(),
  step: z.enum(steps),
  message: z.string(),
  hint: z.string().optional().describe("what to do about it"),
  retryable: z.boolean().describe("whether the same command may succeed later with nothing else changed"),
});
const run = z.strictObject({
  runId: z.uuid(),
  stack,
  startedAt: instant,
  seconds: z.number(),
  policySeconds: z.number().optional().describe("of that, the preview that the policies judge"),
  backup: z.string().optional().describe("key of the object with the values that this run replaced"),
  secrets: z.array(
    z.strictObject({
      secret: named,
      strategy: z.string(),
      emergency: z.boolean(),
      outcome: z.enum(["rotated", "resumed", "rolled back", "restored", "unchanged", "backed up", "failed"]),
      oldVersionId: versionId.optional(),
      newVersionId: versionId.optional(),
      seconds: z.partialRecord(z.enum(steps), z.number()).describe("by step, of those that were begun"),
      starts: z
        .partialRecord(z.enum(steps), z.number())
        .optional()
        .describe("by step, when it first began: seconds from the start of the run"),
      refused: z
        .strictObject({ at: instant, versionId: versionId.optional(), what: z.string() })
        .optional()
        .describe("what an emergency has proven to be refused"),
      error: error.optional(),
      warnings: z.array(z.string()),
    }),
  ),
  recorded: z.boolean().optional().describe("whether the audit trail has got the run's end"),
  warnings: z
    .array(z.string())
    .optional()
    .describe("what beside the rotation did not succeed, such as a notice or its metrics, and what to do"),
});
const rotate = run.extend({
  schemaVersion,
  note: z.string().optional().describe("why the run took nothing"),
  rollback: run.optional().describe("of what failed in its rollout, with --rollback-on-failure"),
});

const dryRun = z.strictObject({
  schemaVersion,
  dryRun: z.literal(true),
  checked: z.array(z.string()).describe("what was found to be as it should be, of the run as a whole"),
  warnings: z.array(z.string()),
  refused: z.string().optional().describe("why the run would not begin"),
  secrets: z.array(
    z.strictObject({
      secret: named,
      checked: z.array(z.string()),
      warnings: z.array(z.string()),
      mode: z.enum(["new", "resume", "rollback", "restore"]).optional(),
      oldVersionId: versionId.optional(),
      writesVersion: z.boolean().optional(),
      syncs: z.array(z.string()).optional().describe("namespaces"),
      restarts: z.array(z.string()).optional().describe("workloads"),
      breaks: z.array(z.string()).optional().describe("of an emergency"),
      refused: z.string().optional(),
      hint: z.string().optional(),
    }),
  ),
  violations: z.array(violation),
});

const history = z.strictObject({
  schemaVersion,
  stack,
  place: z.string().describe("the place of the audit trail that was read"),
  runs: z.array(recordSchema).describe("the newest first"),
});

const backups = z.strictObject({
  schemaVersion,
  stack,
  backups: z.array(
    z.strictObject({
      key: z.string(),
      environment: z.string().optional().describe("missing, with all that follows: the object is no backup"),
      stack: stack.optional(),
      run: z.uuid().optional(),
      createdAt: instant.optional(),
      secrets: z.array(z.strictObject({ secret: named, versionId })).optional(),
    }),
  ),
  before: z.string().optional().describe("there are older ones: --before takes this"),
});

/** By the name of their file. `rotate` is also what rollback and restore print. */
export const outputs = { rotate, "dry-run": dryRun, status, history, backups, check } as const;

/** What a command has to print. */
export type Output<name extends keyof typeof outputs> = DeepReadonly<z.output<(typeof outputs)[name]>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [key in keyof T]: DeepReadonly<T[key]> }
    : T;
