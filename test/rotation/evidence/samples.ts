import { recordOf } from "../../../rotation/audit/record";
import type { Evidence } from "../../../rotation/evidence/evidence";
import { populationOf } from "../../../rotation/evidence/population";
import { remarksOf } from "../../../rotation/evidence/remarks";
import { rotationsOf } from "../../../rotation/evidence/rotations";
import { runContext, runResult, secretResult } from "../audit/samples";
import { failed, nasty } from "../notify/samples";
import { reported } from "../report/samples";

export const now = new Date("2026-03-31T12:00:00Z");
const period = { from: "2026-01-01", to: "2026-03-31" };
export const refused = {
  at: "2026-01-01T00:00:05.000Z",
  versionId: "00000000-old",
  what: "db:5432 refuses the password before",
};
const gone = secretResult({ secret: "shop/gone", emergency: true, refused });
const run = runResult({ secrets: [secretResult(), failed, gone] });
const ended = recordOf({ ...runContext, reason: nasty }, run, { at: now, error: undefined });
const open = { ...recordOf(runContext, runResult({ runId: "killed" })), startedAt: "2026-02-01T00:00:00.000Z" };
const secrets = [
  reported({ secret: "shop/key" }),
  reported({ secret: "shop/other", kind: "database", maxAgeDays: 365, maxAgeReason: nasty }),
  reported({ secret: "shop/idle", maxAgeDays: 365 }),
  reported({ secret: "ops/ssh", kind: "ssh-key", strategy: "manual", rotatable: false }),
];
const rotations = rotationsOf([ended, open]);
const population = populationOf({ environment: "prod" }, secrets, rotations);
const remarks = remarksOf({
  period,
  now,
  runs: [ended, open],
  population,
  exceptions: undefined,
  ofTrail: ["two entries"],
});
export const sampleEvidence: Evidence = {
  ...{ schemaVersion: 1, stack: "prod", environment: "prod", ...period, generatedAt: now.toISOString() },
  ...{ place: "s3://acme-audit/secret-audit", remarks, population, rotations, exceptions: undefined },
};
