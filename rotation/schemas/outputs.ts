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
    byReloader: z.array(z.string()).describe("declared consumers that Reloader restarts, and not the driver"),
    unknown: z.array(z.string()).describe("what could not be asked"),
  }),
);

const violation = z.strictObject({
  policy: z.string(),
  level: z.enum(["advisory", "mandatory"]),
  secret: z.string().optional().describe("full name; missing: the configuration, or the stack"),
  message: z.string(),
});

const state = z.enum([
  "unknown",
  "not-provisioned",
  "deleted",
  "never-rotated",
  "interrupted",
  "unverified",
  "stale",
  "due",
  "ok",
]);
const byAws = z.strictObject({
  enabled: z.boolean(),
  lambdaArn: z.string().optional().describe("missing: no function of this account rotates it"),
  lastRotatedAt: instant.optional(),
  nextRotationAt: instant.optional().describe("by then AWS has rotated it"),
  problem: z
    .strictObject({ what: z.enum(["failed", "off"]), message: z.string(), hint: z.string() })
    .optional()
    .describe("failed: a rotation has not come through; off: none is set"),
});
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
      runbook: z.string().optional().describe("of a secret that people rotate: by what; missing: a run rotates it"),
      due: z
        .strictObject({ policy: z.string(), at: instant })
        .optional()
        .describe("the first violation of a policy that time brings, which may lie in the past"),
      daysToExpiry: z.number().optional().describe("UTC days until the value expires; missing where no tag says when"),
      phase: z
        .strictObject({
          next: z.enum(["activate", "retire"]),
          from: instant.optional().describe("missing: now"),
          isReady: z.boolean(),
          since: instant.optional().describe("where it is ready: since when; missing: no tag says it"),
          hint: z.string().optional().describe("where it is ready: what to do"),
        })
        .optional()
        .describe(
          "what comes next between the phases of one rotation, and not before when; missing: nothing is pending",
        ),
      byAws: byAws.optional().describe("of strategy native: what AWS says of its rotation"),
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
  policySeconds: z.number().optional().describe("of that, what was waited for the policies when the checks had ended"),
  backup: z.string().optional().describe("key of the object with the values that this run replaced"),
  secrets: z.array(
    z.strictObject({
      secret: named,
      strategy: z.string(),
      emergency: z.boolean(),
      outcome: z.enum([
        "rotated",
        "resumed",
        "rolled back",
        "restored",
        "prepared",
        "retired",
        "followed",
        "unchanged",
        "recorded",
        "migrated",
        "backed up",
        "failed",
      ]),
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
        .describe("what an emergency, or the end of a grace period, has proven to be refused"),
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
      mode: z.enum(["new", "resume", "rollback", "restore", "prepare", "retire", "follow"]).optional(),
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

const verify = z.strictObject({
  schemaVersion,
  stack,
  secrets: z.array(
    z.strictObject({
      secret: named,
      strategy: z.string(),
      verified: z.boolean().describe("whether nothing speaks against it"),
      versionId: versionId.optional().describe("AWSCURRENT; missing: there is none"),
      rotatedAt: z.string().optional().describe("the tag; missing: never"),
      byAws: byAws.optional(),
      proved: z.array(z.string()).describe("what was seen to be as it should be"),
      problems: z.array(z.strictObject({ message: z.string(), hint: z.string().optional() })),
    }),
  ),
});

const migrate = z.strictObject({
  schemaVersion,
  stack,
  secret: named,
  from: z.string().describe("strategy"),
  to: z.string().describe("strategy"),
  done: z.boolean().describe("false: a preview, or there was nothing to do"),
  versionId: versionId.describe("AWSCURRENT, which stays"),
  file: z.string(),
  changes: z.array(z.string()).describe("of the declaration in the file"),
  operations: z.array(z.string()).describe("in AWS"),
  warnings: z.array(z.string()),
  recorded: z
    .boolean()
    .optional()
    .describe("whether the audit trail has got its end; missing: there is none, or nothing was done"),
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

const kinds = z.strictObject({
  schemaVersion,
  kinds: z.array(
    z.strictObject({
      kind: z.string(),
      about: z.string(),
      type: z.string().describe("what --type calls it"),
      maxAgeDays: z.number().describe("from which a secret is stale, unless its declaration says otherwise"),
      strategies: z
        .array(z.strictObject({ name: z.string(), about: z.string(), rotates: z.boolean() }))
        .describe("the default first; rotates: whether rotate can"),
      parameters: z
        .record(z.string(), z.unknown())
        .optional()
        .describe("JSON Schema of the block under the kind's name; missing: it has none"),
    }),
  ),
});

const testRotator = z.strictObject({
  schemaVersion,
  file: z.string().describe("the module that exports the rotator, or the declaration of its program or endpoint"),
  kind: z.string().optional().describe("missing: there is no rotator, or its time was over"),
  strategy: z.string().optional(),
  passed: z.boolean().describe("whether every clause that applies has passed"),
  seconds: z.number(),
  clauses: z.array(
    z.strictObject({
      clause: z.string(),
      proves: z.string(),
      result: z.enum(["passed", "failed", "not judged", "does not apply"]),
      why: z.string().optional().describe("what was seen, or why nobody looked"),
      remedy: z.string().optional().describe("what to do where it failed"),
    }),
  ),
});

/** By the name of their file. `rotate` is also what rollback, restore and record print. */
export const outputs = {
  rotate,
  "dry-run": dryRun,
  status,
  verify,
  migrate,
  history,
  backups,
  check,
  kinds,
  "test-rotator": testRotator,
} as const;

/** What a command has to print. */
export type Output<name extends keyof typeof outputs> = DeepReadonly<z.output<(typeof outputs)[name]>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [key in keyof T]: DeepReadonly<T[key]> }
    : T;
